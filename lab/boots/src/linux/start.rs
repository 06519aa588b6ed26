//! The ways in which a machine starts its first kernel.

use std::fs;
use std::path::Path;

use landfall_host::firmware::{Edition, Firmware};
use landfall_host::machine::{Machine, Memory};
use landfall_predict::units::Size;

use crate::matrix::harts;
use crate::paths::u_boot::at_once;
use crate::session::as_text;

/// The harts and the RAM of each machine.
pub(super) const HARTS: u32 = 4;
pub(super) const MEMORY: u64 = 1 << 30;

/// The firmware, and the description of the machine that it hands over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// OpenSBI, under which QEMU loads the kernel; a device tree.
    OpenSbi,
    /// U-Boot's menu on a disk; a device tree.
    UBoot,
    /// EDK2 with a device tree.
    Uefi,
    /// EDK2 with ACPI's tables and no device tree.
    Acpi,
}

/// The first kernel, and what it gets.
#[derive(Clone, Copy, Debug)]
pub(super) struct First<'a> {
    pub(super) image: &'a Path,
    pub(super) line: &'a str,
    pub(super) initrd: &'a [u8],
}

impl Start {
    pub(super) const ALL: [Self; 4] = [Self::OpenSbi, Self::UBoot, Self::Uefi, Self::Acpi];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::OpenSbi => "opensbi",
            Self::UBoot => "u-boot",
            Self::Uefi => "uefi",
            Self::Acpi => "acpi",
        }
    }

    /// Returns true if the firmware is EFI.
    pub(super) const fn is_by_efi(self) -> bool {
        matches!(self, Self::Uefi | Self::Acpi)
    }

    /// Returns true if each run of CI boots by this start.
    pub(super) const fn is_daily(self) -> bool {
        matches!(self, Self::OpenSbi | Self::Acpi)
    }

    /// Returns a machine that starts `first`. Files for QEMU go to `directory`.
    pub(super) fn machine(self, first: First<'_>, directory: &Path) -> Result<Machine, String> {
        let initrd = directory.join("initrd");
        as_text(fs::write(&initrd, first.initrd))?;
        let mut machine = Machine {
            memory: Memory::One(Size(MEMORY)),
            harts: harts(HARTS),
            kernel: Some(first.image.to_owned()),
            append: Some(first.line.into()),
            initrd: Some(initrd),
            ..Machine::default()
        };
        let firmware = match self {
            Self::OpenSbi => return Ok(machine),
            Self::UBoot => Firmware::UBoot,
            Self::Uefi | Self::Acpi => Firmware::Uefi(Edition::Debian),
        };
        let image = as_text(fs::read(first.image))?;
        as_text(firmware.install(&mut machine, &image, directory))?;
        match self {
            Self::OpenSbi | Self::Uefi => {}
            Self::UBoot => machine.kernel = Some(at_once(directory)?),
            Self::Acpi => machine.properties = vec![crate::efi::acpi::ON.to_owned()],
        }
        Ok(machine)
    }
}
