//! Other boots as an EFI application. They have a boot manager, a boot option with an initrd, a
//! policy that moves the image, or a random number generator. In others the image is damaged, or
//! memory is in thousands of pieces.

use landfall_plan::Policy;
use landfall_plan::policy::PhysicalPlacement;

use super::{Case, GIB, MODES, Matrix, expected_lines, machine, mode_name};
use crate::case::{Aid, Expect, Load, Seeding};
use crate::checksums;
use crate::efi::Way;
use crate::image::Image;
use crate::moving;
use crate::paths::BootPath;
use landfall_host::machine::Mode;

impl Matrix {
    /// Adds all of these cases.
    pub(crate) fn applications(&mut self) {
        for way in [Way::SystemdBoot, Way::Grub, Way::UBootOption] {
            for (mode, count) in MODES.into_iter().flat_map(|mode| [1, 4].map(|count| (mode, count))) {
                let name = format!("efi/{}/{}-{count}", way.name(), mode_name(mode));
                let mut case = self.started(name, way, mode, count);
                case.path = Some(BootPath::Efi(way));
                self.cases.push(case.on("load", way.name()));
            }
        }
        self.moved_applications();
        self.memory_in_pieces();
        for (way, mode) in [
            (Way::Edk2Disk, Mode::Sv39),
            (Way::AcpiDisk, Mode::Sv57),
            (Way::AcpiKernel, Mode::Sv39),
            (Way::SystemdBoot, Mode::Sv48),
            (Way::Grub, Mode::Sv57),
            (Way::UBoot, Mode::Sv48),
            (Way::UBootOption, Mode::Sv57),
        ] {
            let mut case = self.started(format!("efi/refusal/R2-{}", way.name()), way, mode, 2);
            case = case.expecting(Expect::Return("R2")).on("rule", "R2");
            if let Some(image) = self.images.get(case.kernel) {
                case = case.saying(checksums::words(&image.flat, &with_damaged_slots(image)));
            }
            self.cases.push(case.with_damage(|image| Ok(with_damaged_slots(image))));
        }
        let mut case = self.started("efi/u-boot/random".to_owned(), Way::UBoot, Mode::Sv57, 2);
        case.machine.extra = ["-device", "virtio-rng-device"].map(Into::into).to_vec();
        self.cases.push(case);
    }

    /// Adds boots after another application that cut memory into thousands of pieces. A kernel can
    /// merge pieces of types that it uses alike; it refuses more pieces of other types than it can
    /// keep.
    fn memory_in_pieces(&mut self) {
        const LOADER_DATA: u8 = 2;
        const RUNTIME_DATA: u8 = 6;
        const ACPI: u8 = 9;
        for mode in MODES {
            let case = self.after_pieces(&format!("landing-{}", mode_name(mode)), mode, LOADER_DATA);
            self.cases.push(case);
        }
        for (name, kind, words) in [
            ("runtime", RUNTIME_DATA, "more than 64 separate ranges of memory, "),
            ("acpi", ACPI, "more than 64 separate ranges of reserved memory, "),
        ] {
            let case = self.after_pieces(name, Mode::Sv48, kind);
            self.cases.push(case.expecting(Expect::Return("R7")).saying(words).on("rule", "R7"));
        }
    }

    /// Returns a boot after that application, which gives this type to every other page.
    fn after_pieces(&mut self, name: &str, mode: Mode, kind: u8) -> Case {
        let mut case = self.started(format!("efi/pieces/{name}"), Way::UBoot, mode, 2);
        case.aid = Some(Aid::Pieces(kind));
        case
    }

    /// Adds images that move to a random place, past tree and initrd.
    fn moved_applications(&mut self) {
        let policy = Policy::new().with_physical_placement(PhysicalPlacement::Random);
        for way in [
            Way::Edk2Disk,
            Way::Edk2Kernel,
            Way::AcpiDisk,
            Way::AcpiKernel,
            Way::SystemdBoot,
            Way::Grub,
            Way::UBoot,
            Way::UBootOption,
        ] {
            let mode = self.random.pick(&MODES);
            let case = self.started(format!("efi/{}/moved", way.name()), way, mode, 2);
            self.cases.push(case.with_policy(&policy).going(moving::Way::Away).on("move", "by EFI"));
        }
    }

    /// Returns a landing: of `rules`, which tests from inside, if the way has a command line for
    /// it.
    fn started(&mut self, name: String, way: Way, mode: Mode, count: u32) -> Case {
        let has_command_line = way.is_by_kernel() || way.is_by_menu();
        let kernel = if has_command_line { "rules" } else { "hello" };
        let (mut lines, line) = expected_lines(kernel, vec!["a=b", "--c"], Seeding::Own, count);
        let mut case = Case::new(name, kernel, machine(mode, count, GIB));
        case.machine.properties.extend(way.described_by().map(str::to_owned));
        if has_command_line {
            lines.push("landfall: test efi ok".to_owned());
            case.machine.append = Some(line.into());
        }
        if way.is_by_acpi() {
            // No other source has a seed with ACPI.
            case.machine.extra = ["-device", "virtio-rng-device"].map(Into::into).to_vec();
        }
        if way.is_by_kernel() {
            // EDK2 adds the old `initrd=` argument of Linux. The judge compares the initrd from
            // outside.
            lines.retain(|line| !line.contains("command line"));
        }
        for line in &mut lines {
            *line = line.replace("command line ", &format!("command line {}", way.prefix()));
        }
        if way.is_by_menu() {
            let (initrd, line) = self.initrd();
            lines.push(line);
            case.initrd = Some(initrd);
        }
        case.load = Load::Efi(way);
        case.expecting(Expect::Landing { lines }).on("mode", mode_name(mode)).on("harts", count.to_string())
    }
}

/// Returns the image with one bit of its relocation data turned.
fn with_damaged_slots(image: &Image) -> Vec<u8> {
    let mut flat = image.flat.clone();
    flat[image.relr().0] ^= 1;
    flat
}
