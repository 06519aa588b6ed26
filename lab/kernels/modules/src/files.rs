//! The modules in the initrd: each with its size in bytes in front of it, 8 bytes, little-endian.

use landfall::Landing;

/// Returns the file with an index.
pub(crate) fn file(landing: &'static Landing, index: usize) -> &'static [u8] {
    let Some(mut rest) = landing.initrd() else { panic!("there is no initrd") };
    for _ in 0..index {
        rest = &rest[8 + size(rest)..];
    }
    &rest[8..][..size(rest)]
}

fn size(rest: &[u8]) -> usize {
    match rest.first_chunk() {
        Some(size) => u64::from_le_bytes(*size) as usize,
        None => panic!("the initrd has no more files"),
    }
}
