//! U-Boot starts an EFI application: by itself, and by a boot option. A boot option can name an
//! initrd and a command line; no argument of `bootefi` can.
//!
//! The option's bytes are made here from the specification (UEFI 2.10, 3.1.3 and chapter 10), and
//! from the disk's own partition table.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::configuration::word;
use crate::paths::u_boot;
use crate::session::as_text;
use landfall_host::disk::{self, Contents, IMAGE, INITRD, Menu};
use landfall_host::machine::Machine;

/// Returns a node of a device path: type, subtype, and the data behind its length.
fn node(kind: [u8; 2], data: &[u8]) -> Vec<u8> {
    let size = u16::try_from(4 + data.len()).unwrap_or_default();
    [&kind[..], &size.to_le_bytes(), data].concat()
}

/// Returns the end of a whole path (10.3.1).
fn end() -> Vec<u8> {
    node([0x7f, 0xff], &[])
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

/// Returns the node of the first partition of a disk with a GUID partition table (10.3.5.1; the
/// table's entries: 5.3.3).
fn first_partition(disk: &[u8]) -> Result<Vec<u8>, String> {
    let entry = disk.get(1024..1024 + 48).ok_or("the disk has no partition table")?;
    let (first, last) = (word(entry, 32), word(entry, 40));
    let sectors = (last + 1).saturating_sub(first);
    // Number, place, signature, and the kinds of the table and of the signature.
    let data =
        [&1_u32.to_le_bytes()[..], &first.to_le_bytes(), &sectors.to_le_bytes(), &entry[16..32], &[2, 2]];
    Ok(node([4, 1], &data.concat()))
}

/// `LINUX_EFI_INITRD_MEDIA_GUID` (Linux, `Documentation/admin-guide/efi-stub.rst`).
const INITRD_MEDIA: [u8; 16] =
    [0x27, 0xe4, 0x68, 0x55, 0xfc, 0x68, 0x3d, 0x4f, 0xac, 0x74, 0xca, 0x55, 0x52, 0x31, 0xcc, 0x68];

/// Returns a boot option: the image's path, the initrd's path behind that medium, and the command
/// line.
fn boot_option(disk: &[u8], command_line: &str) -> Result<Vec<u8>, String> {
    let partition = first_partition(disk)?;
    let file = |path: &str| node([4, 4], &utf16(&format!("\\{}", path.replace('/', "\\"))));
    let initrd = node([4, 3], &INITRD_MEDIA);
    let paths = [&partition, &file(IMAGE)[..], &end(), &initrd, &partition, &file(INITRD), &end()].concat();
    // Active; the size of the paths; the name in a menu.
    let size = u16::try_from(paths.len()).unwrap_or_default();
    let head = [&1_u32.to_le_bytes()[..], &size.to_le_bytes(), &utf16("landfall")].concat();
    Ok([head, paths, utf16(command_line)].concat())
}

/// Makes the machine start U-Boot with a disk whose script writes a boot option and boots by it.
pub(super) fn install_option(machine: &mut Machine, image: &[u8], directory: &Path) -> Result<(), String> {
    let initrd = machine.initrd.take().map(fs::read).transpose();
    let initrd = as_text(initrd)?.ok_or("a boot option requires an initrd")?;
    let line = machine.append.take().unwrap_or_default().to_string_lossy().into_owned();
    let path = directory.join("disk.img");
    let write = |commands: &str| {
        // The script always has the same size, so the partition stays at the place in the option.
        let script = u_boot::script_of(&format!("{commands:<4096}"));
        let menu = Menu::Script(&script);
        as_text(disk::write(&path, &Contents { image, initrd: Some(&initrd), menu }))?;
        as_text(fs::read(&path))
    };
    let option = boot_option(&write("")?, &line)?;
    let bytes = option.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    write(&format!(
        "setenv -e -nv -bs -rt Boot0000 =H{bytes}\n\
         setenv -e -nv -bs -rt BootOrder =H0000\n\
         bootefi bootmgr ${{fdtcontroladdr}}\n"
    ))?;
    machine.disks.push(path);
    Ok(())
}

/// Makes U-Boot start an application before the image, by a script that it finds on the image's
/// disk.
pub(crate) fn start_first(application: &[u8], directory: &Path) -> Result<(), String> {
    let disk = directory.join("esp");
    let start = |path: &str| {
        format!(
            "load virtio 0:1 ${{kernel_addr_r}} /{path}\nbootefi ${{kernel_addr_r}} ${{fdtcontroladdr}}\n"
        )
    };
    let script = u_boot::script_of(&(start("first.efi") + &start(IMAGE)));
    as_text(fs::create_dir_all(&disk))?;
    as_text(fs::write(disk.join("first.efi"), application))?;
    as_text(fs::write(disk.join(disk::SCRIPT), script))
}
