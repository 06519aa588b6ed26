//! EFI firmware that describes the machine by ACPI, by a tree, by both or by nothing. Where it is ACPI alone and the kernel lands: `efi`.

use super::{GIB, Matrix, machine};
use crate::machine::Mode;
use crate::test::case::{Case, Expect, Load};
use crate::test::efi::Way;
use crate::test::efi::configuration::Tables;

impl Matrix<'_> {
    /// Firmware that describes the machine by less than it should.
    pub(super) fn efi_changed(&mut self) {
        let mut case = |name: &str, way: Way, tables, rule: Option<&'static str>, words| {
            let mut machine = machine(Mode::Sv48, 1, GIB);
            machine.properties.extend(way.described_by().map(str::to_owned));
            let mut case = Case::new(format!("efi/tables/{name}"), "hello", machine);
            case.load = Load::Efi(way);
            let case = case.expecting(Expect::Changed(tables, rule)).saying(words);
            self.cases.push(case.on("rule", rule.unwrap_or("landed")));
        };
        case("none", Way::AcpiKernel, Tables::Hidden, Some("R20"), "configuration tables");
        case("damaged", Way::AcpiKernel, Tables::Damaged, Some("R25"), "ACPI's XSDT at");
        // Its tree counts where firmware has one: nobody looks at ACPI's tables then.
        case("both", Way::Edk2Kernel, Tables::Added, None, "landed in sv48");
    }
}
