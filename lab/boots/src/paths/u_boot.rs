//! The files that U-Boot reads: a script and a wrapped kernel, both in its legacy format (U-Boot,
//! `include/image.h`).

use std::fs;
use std::path::{Path, PathBuf};

use crate::session::as_text;
use landfall_host::disk::INITRD;
use landfall_host::firmware::find;

/// Linux, RISC-V.
const OS_LINUX: u8 = 5;
const ARCHITECTURE_RISCV: u8 = 26;
const TYPE_KERNEL: u8 = 2;
const TYPE_SCRIPT: u8 = 6;

/// The address at which the script loads the file; any free one.
const FILE_AT: &str = "0x86123000";
const INITRD_AT: &str = "0x8c000000";

/// Returns U-Boot without the two seconds' wait for a key. Its file holds its initial variables as
/// text, and `bootdelay` sets the wait.
pub(crate) fn at_once(directory: &Path) -> Result<PathBuf, String> {
    const DELAY: &[u8] = b"bootdelay=2\0";
    let mut bytes = as_text(fs::read(as_text(find::u_boot())?))?;
    let place = bytes.windows(DELAY.len()).position(|window| window == DELAY);
    let place = place.ok_or("U-Boot has no variable for its delay")?;
    bytes[place + DELAY.len() - 2] = b'0';
    let path = directory.join("u-boot.bin");
    as_text(fs::write(&path, bytes))?;
    Ok(path)
}

/// A command that boots, and the file that it boots.
#[derive(Clone, Copy, Debug)]
pub(super) struct Booted {
    pub(super) file: &'static str,
    pub(super) command: &'static str,
}

/// Returns a script that loads kernel and initrd from the first partition and boots with a command
/// line.
pub(super) fn script(command_line: &str, boot: Booted) -> Vec<u8> {
    let Booted { file, command } = boot;
    let text = format!(
        "setenv bootargs '{command_line}'\n\
         load virtio 0:1 {INITRD_AT} /{INITRD}\n\
         setenv initrd_size ${{filesize}}\n\
         load virtio 0:1 {FILE_AT} /{file}\n\
         {command} {FILE_AT} {INITRD_AT}:${{initrd_size}} ${{fdtcontroladdr}}\n"
    );
    script_of(&text)
}

/// Returns a script of these commands.
pub(crate) fn script_of(text: &str) -> Vec<u8> {
    // A list of sizes that ends with 0, and the texts.
    let size = u32::try_from(text.len()).unwrap_or_default();
    let data: Vec<u8> = [size, 0].map(u32::to_be_bytes).concat().into_iter().chain(text.bytes()).collect();
    wrapped(&data, TYPE_SCRIPT, 0)
}

/// Returns a wrapped kernel with its load address.
pub(super) fn wrapped_kernel(image: &[u8], at: u64) -> Vec<u8> {
    wrapped(image, TYPE_KERNEL, at)
}

/// Puts a header of 64 bytes before the data. It has a magic, the header's checksum, a time, the
/// size, the load address, the entry, the data's checksum, four kinds and a name.
fn wrapped(data: &[u8], kind: u8, at: u64) -> Vec<u8> {
    let place = u32::try_from(at).unwrap_or_default();
    let size = u32::try_from(data.len()).unwrap_or_default();
    let mut header =
        [0x2705_1956, 0, 0, size, place, place, crc(data)].map(u32::to_be_bytes).as_flattened().to_vec();
    header.extend([OS_LINUX, ARCHITECTURE_RISCV, kind, 0]);
    header.extend(b"landfall");
    header.resize(64, 0);
    let sum = crc(&header).to_be_bytes();
    header[4..8].copy_from_slice(&sum);
    header.extend(data);
    header
}

/// Returns the CRC-32 of IEEE 802.3.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn the_wrapping_takes_64_bytes() {
        let wrapped = wrapped_kernel(b"kernel", 0x8765_4000);
        assert_eq!((&wrapped[..4], &wrapped[64..]), (&[0x27, 5, 0x19, 0x56][..], &b"kernel"[..]));
        assert_eq!(wrapped[16..24], [0x87, 0x65, 0x40, 0, 0x87, 0x65, 0x40, 0]);
    }
}
