//! Boots by EFI firmware.
//!
//! ```text
//! here           the ways to load the image
//! judge          checks the tree that the image's own loader makes of the firmware's tables
//! acpi           the same for ACPI's tables
//! configuration  the firmware's configuration tables, to read and to change
//! menus          boot managers that EDK2 starts: systemd-boot and GRUB
//! u_boot         boot options, and applications that run before the kernel
//! ```

pub(super) mod acpi;
mod configuration;
mod judge;
mod menus;
pub(super) mod u_boot;

use std::fs;
use std::path::{Path, PathBuf};

use super::image::Image;
use super::paths::u_boot::at_once;
use super::session::{Known, Session, as_text};
pub(super) use configuration::Configuration;
pub(super) use judge::{check, in_pieces};
use landfall_host::firmware::{Edition, find};
use landfall_host::machine::{Firmware, Machine};

/// The firmware, and the source of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Way {
    /// EDK2, from a FAT disk.
    Edk2Disk,
    /// The same, signed.
    Edk2Signed,
    /// EDK2, by QEMU's `-kernel`, with command line and initrd.
    Edk2Kernel,
    /// EDK2 with ACPI and no device tree, from a FAT disk.
    AcpiDisk,
    /// The same, by QEMU's `-kernel`, with command line and initrd.
    AcpiKernel,
    /// EDK2, then systemd-boot, whose menu has command line and initrd.
    SystemdBoot,
    /// EDK2, then GRUB, likewise.
    Grub,
    /// U-Boot, from a FAT disk.
    UBoot,
    /// U-Boot, by a boot option with command line and initrd.
    UBootOption,
}

impl Way {
    pub(super) const ALL: [Self; 6] =
        [Self::Edk2Disk, Self::Edk2Kernel, Self::AcpiDisk, Self::AcpiKernel, Self::UBoot, Self::Edk2Signed];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Edk2Disk => "edk2-disk",
            Self::Edk2Signed => "edk2-signed",
            Self::Edk2Kernel => "edk2-kernel",
            Self::AcpiDisk => "acpi-disk",
            Self::AcpiKernel => "acpi-kernel",
            Self::SystemdBoot => "systemd-boot",
            Self::Grub => "grub",
            Self::UBoot => "u-boot",
            Self::UBootOption => "u-boot-option",
        }
    }

    /// Returns true if QEMU has the kernel, with command line and initrd.
    pub(super) const fn is_by_kernel(self) -> bool {
        matches!(self, Self::Edk2Kernel | Self::AcpiKernel)
    }

    /// Returns true if a boot manager or an option on the disk has command line and initrd.
    pub(super) const fn is_by_menu(self) -> bool {
        matches!(self, Self::SystemdBoot | Self::Grub | Self::UBootOption)
    }

    /// Returns which software knows the image that this way starts.
    pub(super) const fn known(self) -> Known {
        if self.is_known_to_firmware() { Known::ToFirmware } else { Known::ToNobody }
    }

    /// Returns true if firmware itself loads and starts the image; GRUB does both in its place.
    pub(super) const fn is_known_to_firmware(self) -> bool {
        !matches!(self, Self::Grub)
    }

    /// Returns the text that is put before the command line.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::SystemdBoot => menus::SYSTEMD_BOOT_SAYS,
            Self::Grub => menus::GRUB_SAYS,
            _ => "",
        }
    }

    /// Returns true if the firmware is U-Boot.
    pub(super) const fn is_by_u_boot(self) -> bool {
        matches!(self, Self::UBoot | Self::UBootOption)
    }

    /// Returns true if firmware has ACPI's tables and no device tree.
    pub(super) const fn is_by_acpi(self) -> bool {
        matches!(self, Self::AcpiDisk | Self::AcpiKernel)
    }

    /// Returns the property of QEMU's machine by which EDK2 finds either ACPI's tables or a device
    /// tree. U-Boot has its tree in any case.
    pub(super) const fn described_by(self) -> Option<&'static str> {
        match self {
            Self::Edk2Disk | Self::Edk2Signed | Self::Edk2Kernel | Self::SystemdBoot | Self::Grub => {
                Some("acpi=off")
            }
            Self::AcpiDisk | Self::AcpiKernel => Some(acpi::ON),
            Self::UBoot | Self::UBootOption => None,
        }
    }

    /// Puts firmware and image into the machine. The firmware's variables have their initial
    /// values.
    pub(super) fn install(self, machine: &mut Machine, image: &[u8], directory: &Path) -> Result<(), String> {
        if self.is_by_u_boot() {
            machine.kernel = Some(at_once(directory)?);
        } else {
            let edk2 = as_text(find::edk2(&Edition::Debian))?;
            let variables = directory.join("variables.fd");
            as_text(fs::copy(&edk2.variables, &variables))?;
            machine.firmware = Firmware::Flash { code: edk2.code, variables };
        }
        let file = self.file(directory);
        as_text(file.parent().map_or(Ok(()), fs::create_dir_all))?;
        as_text(fs::write(&file, image))?;
        if self.is_by_kernel() {
            let initrd = directory.join("initrd");
            // These bytes are neither whole pages nor zeros.
            as_text(fs::write(&initrd, image.get(..10_001).unwrap_or(image)))?;
            (machine.kernel, machine.initrd) = (Some(file), Some(initrd));
            return Ok(());
        }
        if self == Self::UBootOption {
            return u_boot::install_option(machine, image, directory);
        }
        match self {
            Self::Edk2Signed => sign(&file, directory)?,
            Self::SystemdBoot => menus::systemd_boot(machine, &directory.join("esp"))?,
            Self::Grub => menus::grub(machine, &directory.join("esp"))?,
            _ => {}
        }
        let disk = format!("id=esp,if=none,format=raw,readonly=on,file=fat:{}/esp", directory.display());
        let disk = ["-drive", &disk, "-device", "virtio-blk-device,drive=esp"];
        machine.extra.extend(disk.map(Into::into));
        Ok(())
    }

    /// Returns the file that firmware loads.
    fn file(self, directory: &Path) -> PathBuf {
        match self {
            Self::Edk2Kernel | Self::AcpiKernel => directory.join("kernel.efi"),
            Self::SystemdBoot | Self::Grub => directory.join("esp").join(menus::IMAGE),
            Self::Edk2Disk | Self::Edk2Signed | Self::AcpiDisk | Self::UBoot | Self::UBootOption => {
                directory.join("esp/EFI/BOOT/BOOTRISCV64.EFI")
            }
        }
    }

    /// Returns the image as firmware loads it, which can differ from the file. A signer writes into
    /// the PE header, and some firmware writes the image's address there (`ImageBase`). No code of
    /// landfall reads either.
    pub(super) fn as_loaded(
        self,
        session: &mut Session,
        image: &Image,
        base: u64,
        directory: &Path,
    ) -> Result<Image, String> {
        const HEADERS: usize = 0x188;
        const IMAGE_BASE: usize = 0xb0;
        let mut image = image.clone();
        let file = as_text(fs::read(self.file(directory)))?;
        image.flat[..HEADERS].copy_from_slice(file.get(..HEADERS).ok_or("the file is cut off")?);
        let found = session.read(base + IMAGE_BASE as u64, 8)?;
        if found == base.to_le_bytes() {
            image.flat[IMAGE_BASE..IMAGE_BASE + 8].copy_from_slice(&found);
        }
        Ok(image)
    }
}

/// A key that protects nothing, and its certificate.
const KEY: &str = include_str!("signing/key.pem");
const CERTIFICATE: &str = include_str!("signing/certificate.pem");

/// Signs a file in its place.
fn sign(file: &Path, directory: &Path) -> Result<(), String> {
    let (key, certificate) = (directory.join("key.pem"), directory.join("certificate.pem"));
    as_text(fs::write(&key, KEY).and_then(|()| fs::write(&certificate, CERTIFICATE)))?;
    let before = as_text(fs::metadata(file))?.len();
    let mut command = as_text(find::sbsign())?.command();
    command.arg("--key").arg(key).arg("--cert").arg(certificate).arg("--output").arg(file).arg(file);
    let output = as_text(command.output())?;
    let signed = output.status.success() && as_text(fs::metadata(file))?.len() > before;
    let messages = String::from_utf8_lossy(&output.stderr);
    if signed { Ok(()) } else { Err(format!("sbsign has not signed the image: {messages}")) }
}
