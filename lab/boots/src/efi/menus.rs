//! Boot managers: EFI applications at the place where firmware searches for an image. Each starts
//! the image from its own menu, with command line and initrd.

use std::fs;
use std::path::Path;

use crate::session::as_text;
use landfall_host::disk;
use landfall_host::firmware::find;
use landfall_host::machine::Machine;

/// The image's file on the disk; the boot manager takes the usual name.
pub(super) const IMAGE: &str = "landfall.efi";

/// The text that each puts before a command line. systemd-boot names the initrd, for kernels
/// without `LoadFile2`; GRUB names the image.
pub(super) const SYSTEMD_BOOT_SAYS: &str = "initrd=\\initrd ";
pub(super) const GRUB_SAYS: &str = "BOOT_IMAGE=/landfall.efi ";

/// Installs systemd-boot, with a menu of one entry (The Boot Loader Specification).
pub(super) fn systemd_boot(machine: &mut Machine, disk: &Path) -> Result<(), String> {
    let line = take(machine, disk)?;
    put(disk, disk::IMAGE, &as_text(fs::read(as_text(find::systemd_boot())?))?)?;
    put(disk, "loader/loader.conf", b"timeout 0\ndefault landfall.conf\n")?;
    let entry = format!("title landfall\nlinux /{IMAGE}\ninitrd /{}\noptions {line}\n", disk::INITRD);
    put(disk, "loader/entries/landfall.conf", entry.as_bytes())
}

/// Installs GRUB, with a menu of one entry.
pub(super) fn grub(machine: &mut Machine, disk: &Path) -> Result<(), String> {
    let line = take(machine, disk)?;
    put(disk, disk::IMAGE, &as_text(fs::read(as_text(find::grub())?))?)?;
    let menu = format!(
        "set timeout=0\nmenuentry landfall {{\n  linux /{IMAGE} {line}\n  initrd /{}\n}}\n",
        disk::INITRD
    );
    put(disk, "boot/grub/grub.cfg", menu.as_bytes())
}

/// Moves the initrd from QEMU to the disk, and returns the command line for a menu.
fn take(machine: &mut Machine, disk: &Path) -> Result<String, String> {
    let initrd = machine.initrd.take().map(fs::read).transpose();
    put(disk, disk::INITRD, &as_text(initrd)?.ok_or("a menu requires an initrd")?)?;
    Ok(machine.append.take().unwrap_or_default().to_string_lossy().into_owned())
}

fn put(disk: &Path, path: &str, bytes: &[u8]) -> Result<(), String> {
    let path = disk.join(path);
    as_text(path.parent().map_or(Ok(()), fs::create_dir_all))?;
    as_text(fs::write(path, bytes))
}
