//! Writing a record.

use super::{
    CHECKSUM, COUNT, InnerError, InnerRecord, MAGIC, OPTIONS, Options, PART_SIZE, PARTS, Part, SIZE, VERSION,
    checksum,
};

/// Returns the bytes that a record with these parts takes.
#[must_use]
pub fn size(parts: &[Part<'_>]) -> usize {
    parts.iter().fold(list(parts), |size, part| {
        (size.next_multiple_of(part.kind.alignment()) + part.bytes.len()).next_multiple_of(8)
    })
}

/// Writes a record of [`size`] bytes to the start of `into`.
///
/// # Errors
/// [`InnerError::TooShort`] if `into` has fewer bytes, and [`InnerError::Kernels`] unless one of
/// the parts is a kernel.
pub fn write(parts: &[Part<'_>], options: Options, into: &mut [u8]) -> Result<(), InnerError> {
    let short = InnerError::TooShort { size: into.len() };
    let record = into.get_mut(..size(parts)).ok_or(short)?;
    record.fill(0);
    let total = record.len() as u64;
    for (offset, word) in [
        (0, MAGIC),
        (8, u64::from(options.bits()) << 32 | u64::from(VERSION)),
        (SIZE, total),
        (COUNT, parts.len() as u64),
    ] {
        put(record, offset, &word.to_le_bytes());
    }
    const { assert!(OPTIONS == 12, "the options are the upper half of the second word") };
    let mut offset = list(parts);
    for (number, part) in parts.iter().enumerate() {
        offset = offset.next_multiple_of(part.kind.alignment());
        let words = [part.kind.number(), offset as u64, part.bytes.len() as u64];
        for (index, word) in words.iter().enumerate() {
            put(record, PARTS + number * PART_SIZE + index * 8, &word.to_le_bytes());
        }
        put(record, offset, part.bytes);
        offset = (offset + part.bytes.len()).next_multiple_of(8);
    }
    let sum = checksum(record);
    put(record, CHECKSUM, &sum.to_le_bytes());
    InnerRecord::read(record).map(|_| ())
}

/// Returns the bytes before the first part.
const fn list(parts: &[Part<'_>]) -> usize {
    PARTS + parts.len() * PART_SIZE
}

/// Writes bytes for which [`size`] has made room.
fn put(record: &mut [u8], offset: usize, bytes: &[u8]) {
    if let Some(place) = record.get_mut(offset..).and_then(|rest| rest.get_mut(..bytes.len())) {
        place.copy_from_slice(bytes);
    }
}
