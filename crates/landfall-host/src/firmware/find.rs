//! Firmware's files: this system's own where its packages are installed, else those of Debian's
//! archive, by hash.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{Edition, FirmwareError};
use crate::setup::archive::table::{EDK2, GRUB, OPENSBI, OPENSBI_NEW, OPENSBI_OLD, SYSTEMD_BOOT, U_BOOT};
use crate::setup::archive::{self, Sbsign, Set};

/// U-Boot for S-mode, which is what OpenSBI starts: Debian's package `u-boot-qemu`.
const U_BOOT_FILE: &str = "usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin";

/// EDK2 for `virt`: Debian's package `qemu-efi-riscv64`.
const EDK2_CODE: &str = "usr/share/qemu-efi-riscv64/RISCV_VIRT_CODE.fd";
const EDK2_VARIABLES: &str = "usr/share/qemu-efi-riscv64/RISCV_VIRT_VARS.fd";

/// systemd-boot: Debian's package `systemd-boot-efi`.
const SYSTEMD_BOOT_FILE: &str = "usr/lib/systemd/boot/efi/systemd-bootriscv64.efi";

/// GRUB, with the modules that a CD wants, in one file: Debian's package
/// `grub-efi-riscv64-unsigned`.
const GRUB_FILE: &str = "usr/lib/grub/riscv64-efi/monolithic/gcdriscv64.efi";

/// OpenSBI for machines that a device tree describes: Debian's package `opensbi`.
const OPENSBI_FOLDER: &str = "usr/lib/riscv64-linux-gnu/opensbi/generic";
const OPENSBI_FILES: [&str; 2] = [
    "usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin",
    "usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.bin",
];

/// The two flashes of a machine with EDK2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edk2 {
    /// The program.
    pub code: PathBuf,
    /// Variables as they are at first: to be copied, since EDK2 writes to them.
    pub variables: PathBuf,
}

/// An OpenSBI that is not this system's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenSbi {
    /// 1.1, of Debian 12: no debug console extension, and its own memory is reserved without
    /// `no-map`.
    Old,
    /// 1.6, of Debian 13.
    Stable,
    /// 1.9 or newer, of the release that is being made.
    New,
}

/// U-Boot.
///
/// # Errors
/// [`FirmwareError`] where it did not come.
pub fn u_boot() -> Result<PathBuf, FirmwareError> {
    Ok(folder(&U_BOOT, &[U_BOOT_FILE])?.join(U_BOOT_FILE))
}

/// EDK2.
///
/// # Errors
/// [`FirmwareError`] where it did not come, or has no variables.
pub fn edk2(edition: &Edition) -> Result<Edk2, FirmwareError> {
    let edk2 = match edition {
        Edition::Debian => {
            let folder = folder(&EDK2, &[EDK2_CODE, EDK2_VARIABLES])?;
            Edk2 { code: folder.join(EDK2_CODE), variables: folder.join(EDK2_VARIABLES) }
        }
        Edition::Own(code) => {
            let name = code.file_name().unwrap_or_default().to_string_lossy();
            let name =
                if name.contains("CODE") { name.replacen("CODE", "VARS", 1) } else { "VARS.fd".to_owned() };
            Edk2 { code: code.clone(), variables: code.with_file_name(name) }
        }
    };
    if !edk2.variables.is_file() {
        return Err(FirmwareError::NoVariables { code: edk2.code, variables: edk2.variables });
    }
    Ok(edk2)
}

/// Returns true if a file begins like a firmware volume (Platform Initialization 1.8, volume 3,
/// 3.2.1): `_FVH` after 40 bytes.
#[must_use]
pub fn is_edk2(path: &Path) -> bool {
    // A pipe would block for ever.
    if !path.is_file() {
        return false;
    }
    let mut header = [0; 44];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok() && header.ends_with(b"_FVH")
}

/// systemd-boot, an EFI application.
///
/// # Errors
/// [`FirmwareError`] where it did not come.
pub fn systemd_boot() -> Result<PathBuf, FirmwareError> {
    Ok(folder(&SYSTEMD_BOOT, &[SYSTEMD_BOOT_FILE])?.join(SYSTEMD_BOOT_FILE))
}

/// GRUB, an EFI application.
///
/// # Errors
/// [`FirmwareError`] where it did not come.
pub fn grub() -> Result<PathBuf, FirmwareError> {
    Ok(folder(&GRUB, &[GRUB_FILE])?.join(GRUB_FILE))
}

/// Returns the folder with `fw_dynamic.bin` and `fw_jump.bin` of an OpenSBI.
///
/// # Errors
/// [`FirmwareError`] where it did not come.
pub fn opensbi(version: OpenSbi) -> Result<PathBuf, FirmwareError> {
    let set = match version {
        OpenSbi::Old => &OPENSBI_OLD,
        OpenSbi::Stable => &OPENSBI,
        OpenSbi::New => &OPENSBI_NEW,
    };
    Ok(archive::unpacked(set, &OPENSBI_FILES, &cache()?)?.join(OPENSBI_FOLDER))
}

/// Returns the signer of EFI applications.
///
/// # Errors
/// [`FirmwareError`] where it did not come.
pub fn sbsign() -> Result<Sbsign, FirmwareError> {
    Ok(Sbsign::ready(&cache()?)?)
}

/// Below what the `files` lie: `/` where this system has all of them.
fn folder(set: &Set, files: &[&'static str]) -> Result<PathBuf, FirmwareError> {
    let system = PathBuf::from("/");
    if archive::lacks(&system, files).is_none() {
        return Ok(system);
    }
    Ok(archive::unpacked(set, files, &cache()?)?)
}

/// Returns the folder for files that are fetched or built but not installed. It may not exist yet.
///
/// # Errors
/// [`FirmwareError::NoCache`] if the environment names no such folder.
pub fn cache() -> Result<PathBuf, FirmwareError> {
    crate::cache::folder().ok_or(FirmwareError::NoCache)
}
