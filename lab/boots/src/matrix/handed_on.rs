//! Trees that another kernel hands on under EFI.

use super::{GIB, MODES, Matrix, expected_lines, machine, mode_name};
use crate::case::{Case, Expect, Seeding};
use crate::handed_on::{Damage, Harts, hand_on};
use landfall_host::machine::Mode;

impl Matrix {
    /// Adds landings by such a tree, and refusals of damaged ones. The kernel checks from inside
    /// that it does not map the firmware's memory, and finds ACPI's root pointer.
    pub(crate) fn handed_on(&mut self) {
        for mode in MODES {
            self.hand_on(format!("handed-on/tree-{}", mode_name(mode)), mode, Harts::Tree);
        }
        // The tables state sv48, and leaves of 64 KiB.
        self.hand_on("handed-on/acpi-sv48".to_owned(), Mode::Sv48, Harts::Acpi);
        for (rule, name, damage, words) in [
            ("R28", "version", Damage::Version, "/chosen/linux,uefi-mmap-desc-ver is 0x2; it must be 1"),
            ("R28", "map", Damage::MapOutside, "the memory map at 0x9f604000..0x9f6040f0 is outside the RAM"),
            ("R28", "signature", Damage::Signature, "the system table begins with 0x0"),
            ("R28", "no-room", Damage::NoRoom, "no free memory holds the new device tree"),
            ("R20", "no-tables", Damage::NoTables, "configuration tables"),
            ("R25", "sum", Damage::Sum, "ACPI's APIC at 0x9f3a8000"),
        ] {
            let name = format!("refusal/{rule}/handed-on-{name}");
            let case = Case::new(name, "hello", machine(Mode::Sv48, 3, GIB));
            let case = case.expecting(Expect::Refusal(rule)).saying(words);
            self.cases.push(
                case.on("refusals", rule)
                    .with_change(move |session, entry, _| hand_on(session, entry, Harts::Acpi, damage)),
            );
        }
    }

    fn hand_on(&mut self, name: String, mode: Mode, harts: Harts) {
        let mut machine = machine(mode, 3, GIB);
        machine.cpu.extend((harts == Harts::Acpi).then(|| "svnapot=on".to_owned()));
        let (mut lines, line) = expected_lines("rules", vec![], Seeding::Own, 3);
        machine.append = Some(line.into());
        lines.extend(["efi", "acpi"].map(|test| format!("landfall: test {test} ok")));
        let case = Case::new(name, "rules", machine).expecting(Expect::Console { lines });
        let case = case.on("mode", mode_name(mode)).on("load", "handed on");
        self.cases
            .push(case.with_change(move |session, entry, _| hand_on(session, entry, harts, Damage::None)));
    }
}
