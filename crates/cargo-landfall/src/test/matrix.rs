//! The matrix of landings: what is random is chosen by a seed, so that a failure repeats.

use super::case::{Case, Expect, Load, Seeding};
use super::devicetree::{self, Mapped};
use super::intervals::Interval;
use super::kernels::Kernels;
use super::mutation::Mutation;
use super::random::Random;
use crate::machine::{Firmware, Harts, Machine, Memory, Mode};
use crate::place;
use crate::units::Size;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const RAM: u64 = 0x8000_0000;

const MODES: [Mode; 3] = [Mode::Sv39, Mode::Sv48, Mode::Sv57];
const MEMORY: [u64; 7] = [64 * MIB, 128 * MIB, GIB, 4 * GIB, 16 * GIB, 256 * GIB, 1024 * GIB];
const HARTS: [u32; 3] = [1, 4, 8];

/// What `rules` says of itself.
const RULES: [&str; 15] = [
    "text",
    "constants",
    "execute",
    "stack",
    "guard",
    "last-page",
    "lower-half",
    "edges",
    "alias",
    "conversions",
    "bss",
    "float",
    "entropy",
    "command-line",
    "tags",
];

pub(super) fn harts(count: u32) -> Harts {
    Harts::new(count).unwrap_or(Harts::MIN)
}

/// A machine with so much of everything.
pub(super) fn machine(mode: Mode, count: u32, memory: u64) -> Machine {
    Machine { mode: Some(mode), harts: harts(count), memory: Memory::One(Size(memory)), ..Machine::default() }
}

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Sv39 => "sv39",
        Mode::Sv48 => "sv48",
        Mode::Sv57 => "sv57",
    }
}

/// Which part of RAM the image goes to.
#[derive(Clone, Copy, Debug)]
enum Class {
    /// Anywhere.
    Any,
    /// Anywhere, at a multiple of 2 MiB.
    Congruent,
    /// The first free page behind the firmware.
    BehindFirmware,
    /// The last MiB of what the mode reaches, above the device tree where that is at the end of RAM.
    Top,
}

impl Class {
    const ALL: [Self; 4] = [Self::Any, Self::Congruent, Self::BehindFirmware, Self::Top];

    const fn name(self) -> &'static str {
        match self {
            Self::Any => "any 4 KiB",
            Self::Congruent => "2 MiB",
            Self::BehindFirmware => "behind firmware",
            Self::Top => "near the end",
        }
    }

    fn address(self, random: &mut Random, machine: &Machine, size: u64) -> u64 {
        let low = place::firmware(machine.harts).end.0;
        let reach = if machine.mode == Some(Mode::Sv39) { RAM + 128 * GIB } else { u64::MAX };
        let end = (RAM + machine.memory.total().0).min(reach);
        // The tree is within the last 4 MiB of RAM.
        let high = end - 5 * MIB - size;
        match self {
            Self::Any => low + random.below((high - low) / 4096) * 4096,
            Self::Congruent => (low + random.below(high - low)).next_multiple_of(2 * MIB),
            Self::BehindFirmware => low,
            Self::Top => end - size - random.below((MIB - size.min(MIB)) / 4096) * 4096,
        }
    }
}

/// Makes cases with names that count.
pub(super) struct Matrix<'a> {
    kernels: &'a Kernels,
    random: Random,
    batch: &'static str,
    pub(super) cases: Vec<Case>,
}

impl<'a> Matrix<'a> {
    /// Cases whose names begin with `batch`.
    pub(super) fn new(kernels: &'a Kernels, batch: &'static str, seed: u64) -> Self {
        Self { kernels, random: Random::new(seed), batch, cases: Vec::new() }
    }

    fn size(&self, kernel: &str) -> u64 {
        self.kernels.get(kernel).map_or(MIB, |kernel| kernel.image.size)
    }

    /// A landing at a place and with randomness that are chosen here.
    fn landing(&mut self, kernel: &'static str, mut machine: Machine, class: Class) {
        let (mode, harts, memory) =
            (machine.mode.unwrap_or(Mode::Sv57), machine.harts, machine.memory.total());
        let svade = self.random.coin();
        if svade {
            machine.cpu = vec!["svade=on".into(), "svadu=off".into()];
        }
        let size = self.size(kernel);
        let at = class.address(&mut self.random, &machine, size);
        let (kaslr, seeding, words) = match self.random.below(5) {
            0 => ("nokaslr", Seeding::Own, vec!["nokaslr"]),
            1 => ("no seed", Seeding::None, vec![]),
            2 => ("rng-seed", Seeding::Own, vec![]),
            _ => ("kaslr-seed", Seeding::Seed(self.random.next()), vec![]),
        };
        let name =
            format!("{}/{}/{kernel}-{}-{harts}-{memory}", self.batch, self.cases.len(), mode_name(mode));
        let (lines, line) = expected_lines(kernel, words, seeding, harts.get());
        machine.append = Some(line.into());
        let mut case = Case::new(name.replace(' ', ""), kernel, machine).expecting(Expect::Landing { lines });
        case.load = Load::At(at);
        case.seeding = seeding;
        let case =
            case.on("mode", mode_name(mode)).on("harts", harts.to_string()).on("memory", memory.to_string());
        let case =
            case.on("kaslr", kaslr).on("address", class.name()).on("svade", if svade { "on" } else { "off" });
        self.cases.push(case);
    }

    /// Every mode, number of harts and size of memory, at random places.
    pub(super) fn product(&mut self) {
        for mode in MODES {
            for count in HARTS {
                for memory in MEMORY {
                    let class =
                        self.random.pick(&[Class::Any, Class::Any, Class::Any, Class::Congruent, Class::Top]);
                    self.landing("hello", machine(mode, count, memory), class);
                }
            }
        }
    }

    /// Every class of addresses in every mode.
    pub(super) fn addresses(&mut self) {
        for mode in MODES {
            for class in Class::ALL {
                for memory in [64 * MIB, GIB, 16 * GIB, 256 * GIB] {
                    let count = self.random.pick(&HARTS);
                    self.landing("hello", machine(mode, count, memory), class);
                }
            }
        }
    }

    /// The kernel that looks from inside. Up to 4 GiB it touches each page of RAM, so the large ones are few.
    pub(super) fn rules(&mut self) {
        for mode in MODES {
            for (count, memory) in [
                (1, 64 * MIB),
                (2, 64 * MIB),
                (4, 128 * MIB),
                (8, GIB),
                (2, 16 * GIB),
                (4, 256 * GIB),
                (2, 1024 * GIB),
            ] {
                self.landing("rules", machine(mode, count, memory), Class::Any);
            }
            self.landing("rules", machine(mode, 2, 128 * MIB), Class::Top);
        }
    }

    /// RAM that is full of something else than zeros.
    pub(super) fn prefilled(&mut self) {
        for (mode, kernel) in MODES.into_iter().zip(["rules", "hello", "rules"]) {
            self.landing(kernel, machine(mode, 2, 64 * MIB), Class::Any);
            if let Some(case) = self.cases.last_mut() {
                case.prefill = Some(0xa5);
                case.axes.push(("memory was", "0xa5".to_owned()));
            }
        }
    }

    /// What is told once: other ways to load, other harts to boot, other trees.
    pub(super) fn singles(&mut self) {
        for mode in MODES {
            for (load, how) in [(Load::Flat, "flat"), (Load::Elf, "elf")] {
                let mut case =
                    Case::new(format!("load/{how}/{}", mode_name(mode)), "hello", machine(mode, 2, GIB));
                case.load = load;
                self.cases.push(case.on("load", how).on("mode", mode_name(mode)));
            }
            let mut case = Case::new(format!("layout/{}", mode_name(mode)), "hello", machine(mode, 1, GIB))
                .expecting(Expect::Layouts);
            case.seeding = Seeding::Seed(self.random.next());
            self.cases.push(case.on("seeds", "same and other").on("mode", mode_name(mode)));
        }
        self.rules_on_4_gib();
        for (count, mode) in [(16, Mode::Sv39), (32, Mode::Sv48), (32, Mode::Sv57), (64, Mode::Sv57)] {
            let case =
                Case::new(format!("harts/{count}/{}", mode_name(mode)), "hello", machine(mode, count, GIB));
            self.cases.push(case.on("harts", count.to_string()).on("mode", mode_name(mode)));
        }
        for (count, first) in [(2, 1), (4, 3), (4, 1), (8, 5)] {
            let mut case =
                Case::new(format!("boot-hart/{first}-of-{count}"), "hello", machine(Mode::Sv48, count, GIB));
            case.boot_hart = Some(first);
            self.cases.push(case.on("boot hart", first.to_string()));
        }
        for (limit, machine_mode) in
            [("sv39", Mode::Sv57), ("sv48", Mode::Sv57), ("sv57", Mode::Sv48), ("sv64", Mode::Sv57)]
        {
            let mut machine = machine(machine_mode, 2, GIB);
            machine.append = Some(format!("landfall.mode={limit}").into());
            self.cases.push(Case::new(format!("limit/{limit}"), "hello", machine).on("limit", limit));
        }
    }

    fn rules_on_4_gib(&mut self) {
        self.landing("rules", machine(Mode::Sv39, 2, 4 * GIB), Class::Any);
    }

    /// Trees that a loader may hand over: memory in pieces, in any order, with holes; harts of any kind.
    pub(super) fn trees(&mut self) {
        let nodes = |nodes: &'static [(u64, u64)]| -> Vec<Interval> {
            nodes.iter().map(|(start, size)| Interval::new(RAM + start * MIB, size * MIB)).collect()
        };
        let memories: [(&str, Vec<Interval>); 6] = [
            ("two", nodes(&[(0, 512), (512, 512)])),
            ("hole", nodes(&[(0, 300), (640, 384)])),
            ("unsorted", nodes(&[(640, 384), (0, 300), (400, 100)])),
            ("overlapping", nodes(&[(0, 700), (300, 500), (640, 384)])),
            ("ragged", vec![Interval::new(RAM, 0x1234_5678), Interval::new(RAM + 0x2000_0801, 0x1fff_f000)]),
            ("empty-node", nodes(&[(0, 1024), (100, 0)])),
        ];
        for (mode, (name, memory)) in MODES.into_iter().cycle().zip(memories) {
            let case = Case::new(format!("tree/memory-{name}"), "hello", machine(mode, 2, GIB));
            self.cases.push(case.on("tree", "memory").with_change(move |session, entry, _| {
                session.edit_tree(entry, |tree| devicetree::set_memory(tree, &memory))
            }));
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
                    // Nobody says that they come in order, or that they do not overlap; but none lies over the image.
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
        self.cases.push(Case::new("tree/numa", "hello", numa).on("tree", "memory"));
        self.hart_trees();
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
        let mut case = Case::new("tree/mmu-boot-absent", "hello", machine(Mode::Sv48, 1, GIB));
        case.boot_hart = Some(0);
        self.cases.push(case.on("tree", "mmu-type").with_change(|session, entry, _| {
            session.edit_tree(entry, |tree| devicetree::set_mmu(tree, 0, None))
        }));
    }

    /// All harts enter at once, because the firmware has no HSM.
    pub(super) fn without_hsm(&mut self, rounds: usize) {
        for mode in MODES {
            for count in [1, 2, 8] {
                for round in 0..rounds {
                    let mut machine = machine(mode, count, GIB);
                    machine.firmware = Firmware::File(self.kernels.shim.clone());
                    let case = Case::new(
                        format!("without-hsm/{count}-{}-{round}", mode_name(mode)),
                        "hello",
                        machine,
                    );
                    // The shim lies where RAM begins, and the tree that QEMU made does not know.
                    let case = case.with_change(|session, entry, _| {
                        session.edit_tree(entry, |tree| {
                            devicetree::reserve(tree, Interval::new(RAM, 2 * MIB), Mapped::No);
                        })
                    });
                    self.cases.push(case.on("firmware", "shim, no HSM").on("harts", count.to_string()));
                }
            }
        }
    }

    /// The judge must object.
    pub(super) fn mutations(&mut self) {
        for (mode, mutation) in MODES.into_iter().cycle().zip(Mutation::ALL) {
            let name = format!("judge/{mutation:?}-{}", mode_name(mode));
            let mut case =
                Case::new(name, "hello", machine(mode, 1, GIB)).expecting(Expect::Objection(mutation));
            case.seeding = Seeding::Seed(0x0123_4567_89ab_cdef);
            self.cases.push(case.on("judge", "must object"));
        }
    }
}

/// The lines that a kernel must print, and the command line that it gets.
fn expected_lines(
    kernel: &str,
    mut words: Vec<&'static str>,
    seeding: Seeding,
    harts: u32,
) -> (Vec<String>, String) {
    if kernel != "rules" {
        return (Vec::new(), words.join(" "));
    }
    words.push(if seeding == Seeding::None { "no-entropy" } else { "entropy" });
    let line = words.join(" ");
    let tests = RULES.iter().filter(|test| harts > 1 || **test != "tags");
    let lines = tests.map(|test| format!("landfall: test {test} ok"));
    let lines = lines.chain([format!("landfall: command line {line}")]).collect();
    (lines, line)
}
