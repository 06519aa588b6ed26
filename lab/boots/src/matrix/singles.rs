//! Cases that exist once: other ways to load, other harts to boot, firmware without HSM, and the
//! judge itself.

use landfall_plan::Policy;
use landfall_plan::policy::{PhysicalPlacement, Placement};

use super::moves::put_initrd;
use super::{Class, GIB, MIB, MODES, Matrix, RAM, machine, mode_name};
use crate::case::{Aid, Case, Expect, Load, Seeding};
use crate::devicetree::{self, Mapped};
use crate::mutation::Mutation;
use crate::paths::BootPath;
use landfall_host::machine::{Machine, Mode};
use landfall_judge::intervals::Interval;

impl Matrix {
    /// Adds other ways to load, other harts to boot, other trees.
    pub(crate) fn singles(&mut self) {
        for mode in MODES {
            for (load, how) in [(Load::Flat, "flat"), (Load::Elf, "elf")] {
                let mut case =
                    Case::new(format!("load/{how}/{}", mode_name(mode)), "hello", machine(mode, 2, GIB));
                case.load = load;
                self.cases.push(case.on("load", how).on("mode", mode_name(mode)));
            }
            let elf = Policy::new()
                .with_placement(Placement::LinearMap)
                .with_physical_placement(PhysicalPlacement::Random);
            let mut case =
                Case::new(format!("load/elf-moved/{}", mode_name(mode)), "hello", machine(mode, 2, GIB));
            case.load = Load::Elf;
            self.cases.push(case.with_policy(&elf).on("load", "elf, moved").on("mode", mode_name(mode)));
            for (name, policy) in [
                ("", Policy::new()),
                ("moved-", Policy::new().with_physical_placement(PhysicalPlacement::Random)),
            ] {
                let name = format!("layout/{name}{}", mode_name(mode));
                let mut case = Case::new(name, "hello", machine(mode, 1, GIB)).expecting(Expect::Layouts);
                case.seeding = Seeding::Seed(self.random.next_word());
                let case = case.with_policy(&policy).on("seeds", "same and other");
                self.cases.push(case.on("mode", mode_name(mode)));
            }
        }
        self.rules_on_4_gib();
        self.generators();
        self.zeroing();
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

    /// Adds the hart's own generator: one more source, if firmware lets the kernel read it. OpenSBI
    /// 1.1 does not.
    fn generators(&mut self) {
        let moved = Policy::new().with_physical_placement(PhysicalPlacement::Random);
        let (both, tree) = ("rng-seed and the hart's own generator (zkr);", "device tree's rng-seed;");
        for (name, mode, zkr, policy, load, words) in [
            ("one", Mode::Sv57, "zkr=on", Policy::new(), Load::Flat, both),
            ("moved", Mode::Sv48, "zkr=on", moved, Load::Flat, both),
            ("denied", Mode::Sv57, "zkr=on", Policy::new(), Load::Path(BootPath::DynamicOld), tree),
            ("none", Mode::Sv39, "zkr=off", Policy::new(), Load::Flat, tree),
        ] {
            let machine = Machine { cpu: vec![zkr.to_owned()], ..machine(mode, 1, GIB) };
            let mut case = Case::new(format!("generator/{name}"), "hello", machine).saying(words);
            case.load = load;
            self.cases.push(case.with_policy(&policy).on("generator", name));
        }
    }

    /// Adds harts with and without Zicboz, and trees that do not tell the truth about it.
    fn zeroing(&mut self) {
        for (name, harts, stated) in [
            ("blocks", "zicboz=on,cboz_blocksize=64", Some(64)),
            ("large-blocks", "zicboz=on,cboz_blocksize=2048", Some(2048)),
            ("small-blocks", "zicboz=on,cboz_blocksize=16", Some(16)),
            ("no-blocks", "zicboz=off", None),
            ("blocks-are-smaller", "zicboz=on,cboz_blocksize=64", Some(256)),
            ("blocks-are-larger", "zicboz=on,cboz_blocksize=1024", Some(64)),
            ("hart-has-none", "zicboz=off", Some(64)),
            ("size-of-no-block", "zicboz=on", Some(48)),
            ("size-of-0", "zicboz=on", Some(0)),
            ("size-of-pages", "zicboz=on", Some(1 << 31)),
        ] {
            let (cpu, append) = (vec![harts.to_owned()], Some("entropy".into()));
            let machine = Machine { cpu, append, ..machine(Mode::Sv48, 2, GIB) };
            let case = Case::new(format!("zeroing/{name}"), "rules", machine);
            let case = case.with_change(move |session, entry, _| {
                let hart = entry.hart;
                session.edit_tree(entry, |tree| devicetree::set_zero_block(tree, hart, stated))
            });
            self.cases.push(case.on("zeroing", name));
        }
    }

    fn rules_on_4_gib(&mut self) {
        self.landing("rules", machine(Mode::Sv39, 2, 4 * GIB), Class::Any);
    }

    /// Adds firmware without HSM, with which all harts enter at once.
    pub(crate) fn without_hsm(&mut self, rounds: usize) {
        for mode in MODES {
            for count in [1, 4, 8] {
                for round in 0..rounds {
                    let name = format!("without-hsm/{count}-{}-{round}", mode_name(mode));
                    let mut case = Self::by_shim(name, machine(mode, count, GIB));
                    case.path = (count < 8).then_some(BootPath::WithoutHsm);
                    self.cases.push(case.on("harts", count.to_string()));
                }
            }
            // Harts look for their records from their ids on, down, and then from the last one.
            let case =
                Self::by_shim(format!("without-hsm/rotated-{}", mode_name(mode)), machine(mode, 4, GIB));
            let case = case.with_change(|session, entry, _| {
                session.edit_tree(entry, |tree| {
                    devicetree::reserve(tree, Interval::new(RAM, 2 * MIB), Mapped::No);
                    devicetree::rotate_harts(tree);
                })
            });
            self.cases.push(case.on("harts", "rotated"));
            // The shim emulates no instruction, so a read of `time` traps.
            let machine = Machine { cpu: vec!["zicntr=off".to_owned()], ..machine(mode, 4, GIB) };
            let case = Self::by_shim(format!("without-hsm/no-time-{}", mode_name(mode)), machine);
            self.cases.push(case.on("clock", "none"));
        }
    }

    /// Returns a landing of `hello` by the shim.
    fn by_shim(name: String, machine: Machine) -> Case {
        // The shim lies at RAM's start, and QEMU's tree does not reserve it.
        let case = Case::new(name, "hello", machine).with_change(|session, entry, _| {
            session.edit_tree(entry, |tree| {
                devicetree::reserve(tree, Interval::new(RAM, 2 * MIB), Mapped::No);
            })
        });
        let case = Case { aid: Some(Aid::Shim), ..case };
        case.on("firmware", "shim, no HSM")
    }

    /// Adds damage that the judge must report.
    pub(crate) fn mutations(&mut self) {
        for (mode, mutation) in MODES.into_iter().cycle().zip(Mutation::ALL) {
            // Only sv39 has this window.
            let mode = if mutation == Mutation::WindowMapped { Mode::Sv39 } else { mode };
            let harts = if mutation == Mutation::StacksSwapped { 2 } else { 1 };
            let mut machine = machine(mode, harts, GIB);
            machine.cpu.extend(mutation.svnapot().map(str::to_owned));
            let name = format!("judge/{mutation:?}-{}", mode_name(mode));
            let mut case = Case::new(name, "hello", machine).expecting(Expect::Objection(mutation));
            case.load = Load::At(RAM + 0x20_5000);
            case.seeding = Seeding::Seed(0x0123_4567_89ab_cdef);
            case.policy = mutation.policy();
            if matches!(mutation, Mutation::InitrdByte | Mutation::InitrdByteInMove) {
                case = case.with_change(|session, entry, _| {
                    put_initrd(session, entry, Interval::new(RAM + 100 * MIB, 10_000))
                });
            }
            self.cases.push(case.on("judge", "must object"));
        }
    }
}
