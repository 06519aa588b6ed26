//! Boots by EFI firmware: the same file as everywhere else, from a disk and by `-kernel`.

use super::{GIB, MODES, Matrix, expected_lines, machine, mode_name};
use crate::case::{Case, Expect, Load, Seeding};
use crate::efi::Way;
use crate::paths::BootPath;
use crate::unwilling::Tables;
use landfall_host::machine::Mode;

impl Matrix {
    pub(crate) fn efi(&mut self) {
        for way in Way::ALL {
            // A signature does not change the boot, so one number of harts is enough.
            let counts = if way == Way::Edk2Signed { [2].as_slice() } else { &[1, 4] };
            for (mode, count) in
                MODES.into_iter().flat_map(|mode| counts.iter().map(move |count| (mode, *count)))
            {
                self.efi_landing(way, mode, count);
            }
        }
        self.efi_returns();
        self.efi_changed();
    }

    /// Adds refusals while firmware can still boot another image.
    fn efi_returns(&mut self) {
        let acpi_off = |mode| {
            let mut machine = machine(mode, 1, GIB);
            machine.properties.push("acpi=off".to_owned());
            machine
        };
        let case = |name: &str, kernel, machine, rule, words| {
            let mut case = Case::new(format!("efi/refusal/{rule}-{name}"), kernel, machine);
            case.load = Load::Efi(Way::Edk2Kernel);
            case.expecting(Expect::Return(rule)).saying(words).on("rule", rule)
        };
        let damaged = case("record", "hello", acpi_off(Mode::Sv57), "R2", "load it again");
        self.cases.push(damaged.with_damage(|image| {
            let mut flat = image.flat.clone();
            flat[0x68] ^= 8;
            Ok(flat)
        }));
        self.cases.push(case("mode", "wants-sv48", acpi_off(Mode::Sv39), "R11", "sv48 or better"));
        // These have an initrd, and the image writes the tree with ACPI.
        for way in [Way::Edk2Kernel, Way::AcpiKernel, Way::SystemdBoot] {
            let mut machine = machine(Mode::Sv39, 1, GIB);
            machine.properties.extend(way.described_by().map(str::to_owned));
            let mut case = Case::new(format!("efi/gives-back/{}", way.name()), "wants-sv48", machine);
            case.load = Load::Efi(way);
            case.initrd = Some(self.initrd().0);
            self.cases.push(case.expecting(Expect::GivesBack("R11")).on("rule", "R11"));
        }
    }

    /// Adds firmware that does not describe the whole machine.
    fn efi_changed(&mut self) {
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
        // The kernel uses the firmware's tree if there is one, and then reads none of ACPI's
        // tables.
        case("both", Way::Edk2Kernel, Tables::Added, None, "landed in sv48");
    }

    fn efi_landing(&mut self, way: Way, mode: Mode, count: u32) {
        // `rules`, which tests from inside, needs a command line.
        let kernel = if way.is_by_kernel() { "rules" } else { "hello" };
        let mut machine = machine(mode, count, GIB);
        let (mut lines, line) = expected_lines(kernel, vec![], Seeding::Own, count);
        if way.is_by_kernel() {
            machine.append = Some(line.into());
            // EDK2 adds the old `initrd=` argument of Linux.
            lines.retain(|line| !line.contains("command line"));
            lines.push("landfall: command line entropy initrd=initrd".to_owned());
            lines.push("landfall: test efi ok".to_owned());
            lines.extend(way.is_by_acpi().then(|| "landfall: test acpi ok".to_owned()));
            // These devices give EDK2 random numbers and a screen.
            machine.extra = ["-device", "virtio-rng-device", "-device", "ramfb"].map(Into::into).to_vec();
        }
        machine.properties.extend(way.described_by().map(str::to_owned));
        let name = format!("efi/{}/{}-{count}", way.name(), mode_name(mode));
        let mut case = Case::new(name, kernel, machine).expecting(Expect::Landing { lines });
        case.load = Load::Efi(way);
        case.path = Some(BootPath::Efi(way)).filter(|path| BootPath::ALL.contains(path));
        let case = case.on("mode", mode_name(mode)).on("harts", count.to_string());
        self.cases.push(case.on("load", way.name()));
    }
}
