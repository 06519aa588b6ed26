//! Boots by EFI firmware: the same file as everywhere else, from a disk and by `-kernel`.

use super::{GIB, MODES, Matrix, expected_lines, machine, mode_name};
use crate::machine::Mode;
use crate::test::case::{Case, Expect, Load, Seeding};
use crate::test::efi::Way;

impl Matrix<'_> {
    pub(in crate::test) fn efi(&mut self) {
        // Each way takes some seconds before the kernel's first instruction, twice.
        for (way, modes) in Way::ALL.into_iter().zip([[1, 4, 4], [4, 1, 4], [4, 4, 1]]) {
            for (mode, count) in MODES.into_iter().zip(modes) {
                self.efi_landing(way, mode, count);
            }
        }
    }

    fn efi_landing(&mut self, way: Way, mode: Mode, count: u32) {
        // What looks from inside, where a command line can tell it what to look for.
        let kernel = if way == Way::Edk2Kernel { "rules" } else { "hello" };
        let mut machine = machine(mode, count, GIB);
        let (lines, line) = expected_lines(kernel, vec![], Seeding::Own, count);
        if way == Way::Edk2Kernel {
            machine.append = Some(line.into());
        }
        if way != Way::UBoot {
            machine.properties.push("acpi=off".to_owned());
        }
        let name = format!("efi/{}/{}-{count}", way.name(), mode_name(mode));
        let mut case = Case::new(name, kernel, machine).expecting(Expect::Landing { lines });
        case.load = Load::Efi(way);
        let case = case.on("mode", mode_name(mode)).on("harts", count.to_string());
        self.cases.push(case.on("load", way.name()));
    }
}
