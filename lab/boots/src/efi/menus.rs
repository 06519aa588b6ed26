//! Boot managers: EFI applications that firmware finds where it would find the image, and that
//! start it from a menu of their own, with command line and initrd.

use std::fs;
use std::path::Path;

use crate::session::told;
use landfall_host::disk;
use landfall_host::firmware::find;
use landfall_host::machine::Machine;

/// Where the image lies on the disk, for the boot manager lies at its own place.
pub(super) const IMAGE: &str = "landfall.efi";

/// What each puts before a command line: systemd-boot for kernels that know no `LoadFile2`, GRUB
/// the name of the image.
pub(super) const SYSTEMD_BOOT_SAYS: &str = "initrd=\\initrd ";
pub(super) const GRUB_SAYS: &str = "BOOT_IMAGE=/landfall.efi ";

/// systemd-boot, with a menu of one entry (The Boot Loader Specification).
pub(super) fn systemd_boot(machine: &mut Machine, disk: &Path) -> Result<(), String> {
    let line = take(machine, disk)?;
    put(disk, disk::IMAGE, &told(fs::read(told(find::systemd_boot())?))?)?;
    put(disk, "loader/loader.conf", b"timeout 0\ndefault landfall.conf\n")?;
    let entry = format!("title landfall\nlinux /{IMAGE}\ninitrd /{}\noptions {line}\n", disk::INITRD);
    put(disk, "loader/entries/landfall.conf", entry.as_bytes())
}

/// GRUB, with a menu of one entry.
pub(super) fn grub(machine: &mut Machine, disk: &Path) -> Result<(), String> {
    let line = take(machine, disk)?;
    put(disk, disk::IMAGE, &told(fs::read(told(find::grub())?))?)?;
    let menu = format!(
        "set timeout=0\nmenuentry landfall {{\n  linux /{IMAGE} {line}\n  initrd /{}\n}}\n",
        disk::INITRD
    );
    put(disk, "boot/grub/grub.cfg", menu.as_bytes())
}

/// Takes command line and initrd from QEMU: the initrd goes onto the disk, the command line into a
/// menu.
fn take(machine: &mut Machine, disk: &Path) -> Result<String, String> {
    let initrd = machine.initrd.take().map(fs::read).transpose();
    put(disk, disk::INITRD, &told(initrd)?.ok_or("a menu is for an initrd")?)?;
    Ok(machine.append.take().unwrap_or_default().to_string_lossy().into_owned())
}

fn put(disk: &Path, path: &str, bytes: &[u8]) -> Result<(), String> {
    let path = disk.join(path);
    told(path.parent().map_or(Ok(()), fs::create_dir_all))?;
    told(fs::write(path, bytes))
}
