//! Device trees of loaders.

use landfall_plan::Policy;
use landfall_plan::policy::PhysicalPlacement;

use super::{GIB, MIB, MODES, Matrix, RAM, harts, machine, mode_name};
use crate::case::{Case, Seeding};
use crate::devicetree::{self, Mapped};
use landfall_host::machine::{Machine, Memory, Mode};
use landfall_host::place;
use landfall_judge::intervals::Interval;
use landfall_predict::units::Size;

impl Matrix {
    /// Adds trees with memory in pieces, in any order, with holes, and with harts of any kind.
    pub(crate) fn trees(&mut self) {
        let nodes = |nodes: &'static [(u64, u64)]| -> Vec<Interval> {
            nodes.iter().map(|(start, size)| Interval::new(RAM + start * MIB, size * MIB)).collect()
        };
        let memories: [(&'static str, Vec<Interval>); 6] = [
            ("two", nodes(&[(0, 512), (512, 512)])),
            ("hole", nodes(&[(0, 300), (640, 384)])),
            ("unsorted", nodes(&[(640, 384), (0, 300), (400, 100)])),
            ("overlapping", nodes(&[(0, 700), (300, 500), (640, 384)])),
            ("ragged", vec![Interval::new(RAM, 0x1234_5678), Interval::new(RAM + 0x2000_0801, 0x1fff_f000)]),
            ("empty-node", nodes(&[(0, 1024), (100, 0)])),
        ];
        for (mode, (name, memory)) in MODES.into_iter().cycle().zip(memories) {
            for physical in [PhysicalPlacement::Stay, PhysicalPlacement::Random, PhysicalPlacement::Pack] {
                let name = format!("tree/memory-{name}-{physical:?}");
                let case = Case::new(name, "hello", machine(mode, 2, GIB));
                let case =
                    case.with_policy(&Policy::new().with_physical_placement(physical)).on("tree", "memory");
                let memory = memory.clone();
                self.cases.push(case.with_change(move |session, entry, _| {
                    session.edit_tree(entry, |tree| devicetree::set_memory(tree, &memory))
                }));
            }
        }
        let reservations = [
            (0x3000_0000, 0x1000, Mapped::No),
            (0x3000_0000, 0x20_0000, Mapped::No),
            (0x3100_0400, 0x20, Mapped::No),
            (0x2345_6000, 0x65_4000, Mapped::Yes),
            (0, 0x100_0000, Mapped::Yes),
        ];
        for mode in MODES {
            let case =
                Case::new(format!("tree/reserved-{}", mode_name(mode)), "hello", machine(mode, 2, GIB));
            self.cases.push(case.on("tree", "reservations").with_change(move |session, entry, _| {
                session.edit_tree(entry, |tree| {
                    // Reservations may come in any order and overlap, but none overlaps the image.
                    let image = Interval::new(place::DEFAULT.0, 4 * MIB);
                    for (start, size, mapped) in reservations {
                        let range = Interval::new(RAM + start, size);
                        if !range.overlaps(image) {
                            devicetree::reserve(tree, range, mapped);
                        }
                    }
                })
            }));
        }
        let numa = Machine {
            memory: Memory::Nodes(vec![Size(256 * MIB), Size(768 * MIB)]),
            harts: harts(2),
            ..Machine::default()
        };
        let moved = Case::new("tree/numa-moved", "hello", numa.clone());
        self.cases.push(
            moved
                .with_policy(&Policy::new().with_physical_placement(PhysicalPlacement::Random))
                .on("tree", "memory"),
        );
        self.cases.push(Case::new("tree/numa", "hello", numa).on("tree", "memory"));
        self.hart_trees();
        self.other_memory();
    }

    /// Adds memory by its type alone, and the memory that kexec leaves.
    fn other_memory(&mut self) {
        for mode in MODES {
            let case =
                Case::new(format!("tree/memory-by-type-{}", mode_name(mode)), "hello", machine(mode, 2, GIB));
            self.cases.push(
                case.on("tree", "memory")
                    .with_change(|session, entry, _| session.edit_tree(entry, devicetree::rename_memory)),
            );
            let name = format!("tree/kexec-{}", mode_name(mode));
            let mut case = Case::new(name, "hello", machine(mode, 2, GIB));
            case.seeding = Seeding::None;
            self.cases.push(case.on("tree", "kexec").with_change(|session, entry, _| {
                // The tree lies outside memory, so it is copied.
                session.edit_tree(entry, |tree| {
                    devicetree::set_usable(tree, Interval::new(RAM, 64 * MIB + 0x5800));
                })
            }));
        }
    }

    fn hart_trees(&mut self) {
        for (name, mmu) in [
            ("none", Some("riscv,none")),
            ("sv32", Some("riscv,sv32")),
            ("absent", None),
            ("unknown", Some("riscv,sv99")),
            ("lower", Some("riscv,sv39")),
        ] {
            let mut case = Case::new(format!("tree/mmu-{name}"), "hello", machine(Mode::Sv57, 4, GIB));
            case.boot_hart = Some(0);
            self.cases.push(case.on("tree", "mmu-type").with_change(move |session, entry, _| {
                session.edit_tree(entry, |tree| devicetree::set_mmu(tree, 2, mmu))
            }));
        }
        for (name, off) in [("one", &[1][..]), ("sparse", &[0, 2, 3, 6])] {
            let mut case = Case::new(format!("tree/disabled-{name}"), "hello", machine(Mode::Sv57, 8, GIB));
            case.boot_hart = Some(5);
            self.cases.push(case.on("tree", "disabled harts").with_change(move |session, entry, _| {
                session.edit_tree(entry, |tree| off.iter().for_each(|hart| devicetree::disable(tree, *hart)))
            }));
        }
        for (mode, promise) in
            [(Mode::Sv39, "riscv,sv48"), (Mode::Sv39, "riscv,sv57"), (Mode::Sv48, "riscv,sv57")]
        {
            let name = format!("tree/mmu-promises-{}-and-has-{}", &promise[6..], mode_name(mode));
            let case = Case::new(name, "hello", machine(mode, 1, GIB)).on("tree", "mmu-type");
            self.cases.push(case.with_change(move |session, entry, _| {
                session.edit_tree(entry, |tree| devicetree::set_mmu(tree, 0, Some(promise)))
            }));
        }
        let mut case = Case::new("tree/mmu-boot-absent", "hello", machine(Mode::Sv48, 1, GIB));
        case.boot_hart = Some(0);
        self.cases.push(case.on("tree", "mmu-type").with_change(|session, entry, _| {
            session.edit_tree(entry, |tree| devicetree::set_mmu(tree, 0, None))
        }));
    }
}
