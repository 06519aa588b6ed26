//! Paths from reset to the kernel: firmware and boot loaders, and the form in which they get the
//! image. The image's file is the same on all paths, byte for byte.
//!
//! ```text
//! here     the paths, and the machine of each
//! cost     the instructions of each
//! u_boot   the files that U-Boot reads from a disk
//! table    the paths that were booted, by mode and number of harts
//! ```

pub mod cost;
mod table;
pub(super) mod u_boot;

use std::fs;
use std::path::{Path, PathBuf};

use super::efi::Way;
use super::session::as_text;
use landfall_host::disk::{self, Contents, Menu};
use landfall_host::firmware::find::{self, OpenSbi};
use landfall_host::firmware::{Edition, FirmwareError};
use landfall_host::machine::{Firmware, Machine};
use landfall_host::place;
use landfall_host::setup::archive::ArchiveError;

pub(super) use table::Table;
use u_boot::Booted;

/// The load address in a wrapped kernel: far from a boot loader's default.
const CHOSEN: u64 = 0x8a3c_5000;

/// A path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum BootPath {
    /// OpenSBI of this system, to which QEMU passes the kernel's address (`fw_dynamic`).
    Dynamic,
    /// The same with OpenSBI 1.1, which has no debug console and reserves its own memory without
    /// `no-map`.
    DynamicOld,
    /// The same with OpenSBI 1.6.
    DynamicStable,
    /// The same, the newest.
    DynamicNew,
    /// OpenSBI 1.1 jumps to a fixed address (`fw_jump`), and moves the tree to another one.
    JumpOld,
    /// The same, the newest.
    JumpNew,
    /// OpenSBI and the kernel in one file (`fw_payload`).
    Payload,
    /// The tests' own shim, which has no HSM and sends all harts to the kernel.
    WithoutHsm,
    /// U-Boot finds a menu on a disk.
    UBootMenu,
    /// U-Boot finds a script with `booti` on a disk.
    UBootScript,
    /// U-Boot finds a script with `bootm`; the wrapped kernel names the load address.
    UBootWrapped,
    /// EFI firmware starts the image as an application: see `efi`.
    Efi(Way),
}

/// Files of a boot that a path may need.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    /// The image, as a file.
    pub(super) image: &'a Path,
    /// A folder for others.
    pub(super) directory: &'a Path,
}

impl BootPath {
    pub(super) const ALL: [Self; 19] = [
        Self::Dynamic,
        Self::DynamicOld,
        Self::DynamicStable,
        Self::DynamicNew,
        Self::JumpOld,
        Self::JumpNew,
        Self::Payload,
        Self::WithoutHsm,
        Self::UBootMenu,
        Self::UBootScript,
        Self::UBootWrapped,
        Self::Efi(Way::Edk2Disk),
        Self::Efi(Way::Edk2Kernel),
        Self::Efi(Way::AcpiDisk),
        Self::Efi(Way::AcpiKernel),
        Self::Efi(Way::SystemdBoot),
        Self::Efi(Way::Grub),
        Self::Efi(Way::UBoot),
        Self::Efi(Way::UBootOption),
    ];

    /// Returns the name in the table.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Dynamic => "OpenSBI of the system, fw_dynamic",
            Self::DynamicOld => "OpenSBI 1.1, fw_dynamic",
            Self::DynamicStable => "OpenSBI 1.6, fw_dynamic",
            Self::DynamicNew => "OpenSBI 1.9, fw_dynamic",
            Self::JumpOld => "OpenSBI 1.1, fw_jump",
            Self::JumpNew => "OpenSBI 1.9, fw_jump",
            Self::Payload => "OpenSBI 1.6, the kernel as payload",
            Self::WithoutHsm => "a shim without HSM: all harts at once",
            Self::UBootMenu => "U-Boot, menu on a disk",
            Self::UBootScript => "U-Boot, script on a disk, `booti`",
            Self::UBootWrapped => "U-Boot, script on a disk, `bootm`",
            Self::Efi(Way::Edk2Disk) => "UEFI (EDK2), application on a disk",
            Self::Efi(Way::Edk2Signed) => "UEFI (EDK2), signed application on a disk",
            Self::Efi(Way::Edk2Kernel) => "UEFI (EDK2), QEMU's `-kernel`",
            Self::Efi(Way::AcpiDisk) => "UEFI (EDK2) with ACPI alone, application on a disk",
            Self::Efi(Way::AcpiKernel) => "UEFI (EDK2) with ACPI alone, QEMU's `-kernel`",
            Self::Efi(Way::SystemdBoot) => "UEFI (EDK2), systemd-boot's menu",
            Self::Efi(Way::Grub) => "UEFI (EDK2), GRUB's menu",
            Self::Efi(Way::UBoot) => "U-Boot, application on a disk, `bootefi`",
            Self::Efi(Way::UBootOption) => "U-Boot, boot option with an initrd, `bootefi bootmgr`",
        }
    }

    /// Returns the name in a case's name.
    pub(super) const fn short(self) -> &'static str {
        match self {
            Self::Dynamic => "dynamic",
            Self::DynamicOld => "dynamic-1.1",
            Self::DynamicStable => "dynamic-1.6",
            Self::DynamicNew => "dynamic-1.9",
            Self::JumpOld => "jump-1.1",
            Self::JumpNew => "jump-1.9",
            Self::Payload => "payload",
            Self::WithoutHsm => "without-hsm",
            Self::UBootMenu => "u-boot-menu",
            Self::UBootScript => "u-boot-script",
            Self::UBootWrapped => "u-boot-bootm",
            Self::Efi(way) => way.name(),
        }
    }

    /// Returns true if the loader hands over a command line and an initrd: QEMU does so only for
    /// kernels that it loads itself.
    pub(super) const fn has_companions(self) -> bool {
        !matches!(self, Self::Payload | Self::WithoutHsm)
    }

    /// Returns the image's address at its first instruction.
    pub(super) const fn base(self) -> u64 {
        match self {
            Self::UBootWrapped => CHOSEN,
            _ => place::DEFAULT.0,
        }
    }

    /// Makes a machine boot by this path. Command line and initrd are those of the machine.
    pub(super) fn prepare(self, machine: &mut Machine, wanted: Wanted<'_>) -> Result<(), String> {
        machine.kernel = Some(wanted.image.to_owned());
        match self {
            // The caller installs the shim or the EFI firmware.
            Self::Dynamic | Self::WithoutHsm | Self::Efi(_) => {}
            Self::DynamicOld | Self::DynamicStable | Self::DynamicNew => {
                machine.firmware = Firmware::File(self.opensbi("fw_dynamic.bin")?);
            }
            Self::JumpOld | Self::JumpNew => {
                machine.firmware = Firmware::File(self.opensbi("fw_jump.bin")?);
            }
            Self::Payload => {
                machine.firmware = Firmware::File(self.payload(wanted)?);
                machine.kernel = None;
            }
            // The same as `cargo landfall run --firmware u-boot`.
            Self::UBootMenu => {
                let image = as_text(fs::read(wanted.image))?;
                as_text(landfall_host::firmware::Firmware::UBoot.install(machine, &image, wanted.directory))?;
                machine.kernel = Some(u_boot::at_once(wanted.directory)?);
            }
            Self::UBootScript | Self::UBootWrapped => {
                machine.disks.push(self.disk(machine, wanted)?);
                machine.kernel = Some(u_boot::at_once(wanted.directory)?);
                (machine.append, machine.initrd) = (None, None);
            }
        }
        Ok(())
    }

    fn opensbi(self, file: &str) -> Result<PathBuf, String> {
        let version = match self {
            Self::DynamicOld | Self::JumpOld => OpenSbi::Old,
            Self::DynamicNew | Self::JumpNew => OpenSbi::New,
            _ => OpenSbi::Stable,
        };
        Ok(as_text(find::opensbi(version))?.join(file))
    }

    /// Builds the same as `make FW_PAYLOAD_PATH=` of OpenSBI, because Debian has no such file. The
    /// kernel lies at the address to which `fw_jump` jumps.
    fn payload(self, wanted: Wanted<'_>) -> Result<PathBuf, String> {
        let mut bytes = as_text(fs::read(self.opensbi("fw_jump.bin")?))?;
        let distance = place::DEFAULT.0 - place::RAM.0;
        bytes.resize(super::image::at(distance), 0);
        bytes.extend(as_text(fs::read(wanted.image))?);
        let path = wanted.directory.join("payload.elf");
        as_text(fs::write(&path, place::elf::wrap(&bytes, place::RAM)))?;
        Ok(path)
    }

    fn disk(self, machine: &Machine, wanted: Wanted<'_>) -> Result<PathBuf, String> {
        let image = as_text(fs::read(wanted.image))?;
        let initrd = machine.initrd.as_ref().map(fs::read).transpose();
        let initrd = as_text(initrd)?;
        let line = machine.append.clone().unwrap_or_default().to_string_lossy().into_owned();
        let (image, boot) = match self {
            // A wrapped image is not an EFI application, and such an image has another name on a
            // disk.
            Self::UBootWrapped => {
                (u_boot::wrapped_kernel(&image, CHOSEN), Booted { file: disk::FLAT_IMAGE, command: "bootm" })
            }
            _ => (image, Booted { file: disk::IMAGE, command: "booti" }),
        };
        let script = u_boot::script(&line, boot);
        let menu = Menu::Script(&script);
        let path = wanted.directory.join("disk.img");
        as_text(disk::write(&path, &Contents { image: &image, initrd: initrd.as_deref(), menu }))?;
        Ok(path)
    }
}

/// The availability of firmware of other releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Supply {
    /// All of it is installed.
    Here,
    /// No archive has it for this system.
    Nowhere {
        /// The reason.
        obstacle: String,
    },
}

/// Fetches the missing firmware.
pub(super) fn supply() -> Result<Supply, FirmwareError> {
    let fetch = || {
        for version in [OpenSbi::Old, OpenSbi::Stable, OpenSbi::New] {
            find::opensbi(version)?;
        }
        find::edk2(&Edition::Debian)?;
        find::sbsign()?;
        find::u_boot()
    };
    match fetch() {
        Ok(_) => Ok(Supply::Here),
        Err(FirmwareError::Archive(error @ ArchiveError::NoMirror { .. })) => {
            Ok(Supply::Nowhere { obstacle: error.to_string() })
        }
        Err(error) => Err(error),
    }
}
