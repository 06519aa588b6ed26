//! Crash memory: asked for in each way, on machines with room and without.

use landfall_plan::Policy;
use landfall_plan::policy::PhysicalPlacement;

use super::{GIB, MIB, MODES, Matrix, RAM, expected_lines, machine, mode_name};
use crate::case::{Case, Expect, Load, Seeding};
use crate::devicetree::{self, Mapped};
use crate::efi::Way;
use landfall_host::machine::Mode;
use landfall_judge::intervals::Interval;

impl Matrix {
    /// Adds landings with crash memory. The judge computes its place itself; `rules` looks at it
    /// from inside.
    pub(crate) fn crash_memory(&mut self) {
        let none = Policy::new();
        let by_policy = none.with_crash_memory(20 * MIB + 1);
        let moved = by_policy.with_physical_placement(PhysicalPlacement::Random);
        let packed = by_policy.with_physical_placement(PhysicalPlacement::Pack);
        for mode in MODES {
            for (name, words, policy, memory, says) in [
                ("size", "crashkernel=64M", &none, GIB, "crash       64 MiB at 0x"),
                ("place", "crashkernel=64M@0xa0000000", &none, GIB, "crash       64 MiB at 0xa0000000"),
                ("policy", "", &by_policy, GIB, "crash       22 MiB at 0x"),
                ("off", "crashkernel=0", &by_policy, GIB, "\"crash_memory\":null"),
                ("option-ignored", "crashkernel=64M,high", &by_policy, GIB, "[crash-option-ignored]"),
                ("small", "crashkernel=64M", &none, 64 * MIB, "[no-crash-memory]"),
                ("taken", "crashkernel=64M@0x80200000", &none, GIB, "[no-crash-memory]"),
                ("above-4-gib", "crashkernel=3G", &none, 16 * GIB, "crash       3 GiB at 0x"),
                ("moved", "", &moved, 128 * MIB, "crash       22 MiB at 0x"),
                ("packed", "", &packed, 128 * MIB, "crash       22 MiB at 0x"),
            ] {
                let mut machine = machine(mode, 2, memory);
                machine.append = Some(words.into());
                let name = format!("crash/memory-{name}/{}", mode_name(mode));
                let case = Case::new(name, "hello", machine).with_policy(policy).saying(says);
                self.cases.push(case.on("crash memory", words).on("mode", mode_name(mode)));
            }
            self.crash_memory_from_inside(mode);
        }
        self.crash_memory_by_efi();
    }

    fn crash_memory_from_inside(&mut self, mode: Mode) {
        let (lines, line) = expected_lines("rules", vec!["crashkernel=16M"], Seeding::Own, 2);
        let mut machine = machine(mode, 2, 128 * MIB);
        machine.append = Some(line.into());
        let case = Case::new(format!("crash/memory-rules/{}", mode_name(mode)), "rules", machine);
        let case = case.expecting(Expect::Landing { lines }).with_change(|session, entry, _| {
            // The highest place is taken, and the next one touches it.
            let range = Interval::new(RAM + 96 * MIB, 32 * MIB - 4 * MIB);
            session.edit_tree(entry, |tree| devicetree::reserve(tree, range, Mapped::No))
        });
        self.cases.push(case.on("crash memory", "beside no-map memory"));
    }

    /// Firmware's memory map has many pieces, and the image's loader rehearses the plan.
    fn crash_memory_by_efi(&mut self) {
        for (way, mode) in [(Way::Edk2Kernel, Mode::Sv48), (Way::AcpiKernel, Mode::Sv57)] {
            let mut machine = machine(mode, 2, GIB);
            machine.properties.extend(way.described_by().map(str::to_owned));
            let words = "crashkernel=64M";
            machine.append = Some(words.into());
            let case = Case::new(format!("crash/memory-efi/{}", way.name()), "hello", machine);
            let mut case = case.saying("crash       64 MiB at 0x").on("crash memory", words);
            case.load = Load::Efi(way);
            self.cases.push(case);
        }
    }
}
