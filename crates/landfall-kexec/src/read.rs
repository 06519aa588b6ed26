//! An image of any format.

use crate::image::{Image, ImageError};
use crate::{elf, flat};

impl Image {
    /// Reads an image.
    ///
    /// # Errors
    /// [`ImageError`] states the fault. The files of landfall are checked as the landing does:
    /// rules 2 and 3 of the boot contract.
    pub fn read(bytes: &[u8]) -> Result<Self, ImageError> {
        if let Some(format) = compression(bytes) {
            return Err(ImageError::Compressed { format });
        }
        if bytes.starts_with(b"\x7fELF") { elf::read(bytes) } else { flat::read(bytes) }
    }
}

/// Returns the name of a compressed format.
fn compression(bytes: &[u8]) -> Option<&'static str> {
    const FORMATS: [(&[u8], &str); 6] = [
        (b"\x1f\x8b", "gzip"),
        (b"\xfd7zXZ\0", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"BZh", "bzip2"),
        (b"\x02\x21\x4c\x18", "lz4"),
        (b"\x5d\0\0", "lzma"),
    ];
    // An EFI application that decompresses itself (Linux, `drivers/firmware/efi/libstub`).
    let is_zboot = bytes.starts_with(b"MZ") && bytes.get(4..8) == Some(b"zimg");
    let format = FORMATS.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, name)| *name);
    format.or_else(|| is_zboot.then_some("Linux's EFI stub (vmlinuz.efi)"))
}
