//! The checksum that makes damage of an image's header and tables visible before they are trusted.
//!
//! It runs over 64-bit words: the boot header, the record, then the sealed tables. It leaves out
//! the checksum itself, and unused room behind the last table. Each word `w` turns the state `h`
//! into `x ^ (x >> 32)` with `x = (h ^ w) * MULTIPLIER mod 2^64`. Every step is a bijection of `h`,
//! so damage within any one word always shows; damage of several words escapes once in 2^64. It
//! guards against accidents, not against an author of images: use a signature for that.
//!
//! ```
//! use landfall_image::record::{MAGIC, OFFSET, SIZE, UNSEALED, VERSION};
//! use landfall_image::seal::{SealError, seal, verify};
//!
//! let mut image = [0; OFFSET + SIZE];
//! image[OFFSET..OFFSET + 8].copy_from_slice(&MAGIC.to_le_bytes());
//! image[OFFSET + 8..OFFSET + 12].copy_from_slice(&VERSION.to_le_bytes());
//! image[OFFSET + 16..OFFSET + 24].copy_from_slice(&UNSEALED.to_le_bytes());
//! seal(&mut image)?;
//! assert_eq!(verify(&image), Ok(()));
//!
//! // One damaged bit of the boot header.
//! image[0x20] ^= 1;
//! assert!(matches!(verify(&image), Err(SealError::Checksum { .. })));
//! # Ok::<(), SealError>(())
//! ```

use core::fmt;

use crate::bytes::u64_at;
use crate::record::{CHECKSUM_OFFSET, OFFSET, Record, RecordError, SEALED, SIZE, STATE_OFFSET, UNSEALED};

/// The state before the first word.
pub const START: u64 = MULTIPLIER;
/// Odd, so that multiplying by it is a bijection; 2^64 divided by the golden ratio.
pub const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Why an image's seal does not hold, or cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SealError {
    /// The record is not readable.
    Record(RecordError),
    /// The seal state is neither of the two words that it may be.
    State {
        /// The word there was.
        found: u64,
    },
    /// The checksum differs from that of the bytes.
    Checksum {
        /// The checksum in the record.
        recorded: u64,
        /// The checksum of the bytes.
        computed: u64,
    },
    /// The relocations are as the linker wrote them, and no code applies those.
    Unpacked {
        /// Bytes in the linker's tables.
        size: u32,
    },
    /// The tables do not consist of whole words.
    Ragged {
        /// Bytes in the tables.
        size: u32,
    },
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(error) => error.fmt(f),
            Self::State { found } => {
                write!(
                    f,
                    "the seal state is \"{}\"; it must be \"sealed\" or \"unsealed\"",
                    found.to_le_bytes().escape_ascii()
                )
            }
            Self::Checksum { recorded, computed } => write!(
                f,
                "the header, the record or the tables are damaged: their checksum is {computed:#018x} and the seal says {recorded:#018x}"
            ),
            Self::Unpacked { size } => write!(
                f,
                "the relocations of the image are not packed, and take {size:#x} bytes as the linker wrote them; run `cargo landfall seal` on the ELF"
            ),
            Self::Ragged { size } => {
                write!(f, "the sealed tables take {size} bytes, which is no multiple of 8")
            }
        }
    }
}

impl core::error::Error for SealError {}

impl From<RecordError> for SealError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

/// Continues a checksum with one word.
#[must_use]
pub const fn mix(state: u64, word: u64) -> u64 {
    let x = (state ^ word).wrapping_mul(MULTIPLIER);
    x ^ (x >> 32)
}

/// The checksum of a flat image.
///
/// # Errors
/// [`SealError::Record`], [`SealError::Unpacked`] or [`SealError::Ragged`] where the record does
/// not say what to sum up.
pub fn checksum(image: &[u8]) -> Result<u64, SealError> {
    let record = packed(image)?;
    let tables = record.checked();
    let ragged = SealError::Ragged { size: tables.size };
    if tables.size % 8 != 0 {
        return Err(ragged);
    }
    let head = (0..OFFSET + SIZE).step_by(8).filter(|&offset| offset != CHECKSUM_OFFSET);
    let head = head.filter_map(|offset| u64_at(image, offset));
    let tables = tables.of(image).ok_or(ragged)?;
    let tables = (0..tables.len()).step_by(8).filter_map(|offset| u64_at(tables, offset));
    Ok(head.chain(tables).fold(START, mix))
}

/// Reads the record of an image whose relocations are packed.
fn packed(image: &[u8]) -> Result<Record, SealError> {
    let record = Record::read(image)?;
    if record.is_packed() { Ok(record) } else { Err(SealError::Unpacked { size: record.relr_room().size }) }
}

/// Seals a flat image: marks it as sealed and writes its checksum.
///
/// # Errors
/// As [`checksum`].
pub fn seal(image: &mut [u8]) -> Result<(), SealError> {
    packed(image)?;
    write(image, STATE_OFFSET, SEALED);
    let sum = checksum(image)?;
    write(image, CHECKSUM_OFFSET, sum);
    Ok(())
}

/// Checks the seal of a flat image. An unsealed one passes if its relocations are packed.
///
/// # Errors
/// [`SealError`] says what does not hold.
pub fn verify(image: &[u8]) -> Result<(), SealError> {
    let record = packed(image)?;
    match record.seal_state {
        UNSEALED => Ok(()),
        SEALED => match checksum(image)? {
            computed if computed == record.checksum => Ok(()),
            computed => Err(SealError::Checksum { recorded: record.checksum, computed }),
        },
        found => Err(SealError::State { found }),
    }
}

fn write(image: &mut [u8], offset: usize, word: u64) {
    if let Some(place) = image.get_mut(offset..).and_then(<[u8]>::first_chunk_mut) {
        *place = word.to_le_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> [u8; 0xc0] {
        let mut image = [0x5a; 0xc0];
        image[OFFSET..OFFSET + SIZE].fill(0);
        image[OFFSET..OFFSET + 8].copy_from_slice(b"LANDFALL");
        image[OFFSET + 8] = 2;
        write(&mut image, STATE_OFFSET, UNSEALED);
        write(&mut image, 0x60, 0x20_0000_00a0);
        image
    }

    #[test]
    fn every_damaged_bit_of_a_sealed_image_shows() {
        let mut good = image();
        seal(&mut good).expect("the image can be sealed");
        assert_eq!(verify(&good), Ok(()));
        let covered = (0..OFFSET + SIZE).chain(0xa0..0xc0);
        for bit in covered.flat_map(|byte| (0..8).map(move |bit| byte * 8 + bit)) {
            let mut bad = good;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(verify(&bad).is_err(), "bit {bit} was damaged and nobody saw");
        }
        let mut elsewhere = good;
        elsewhere[0x90] ^= 1;
        assert_eq!(verify(&elsewhere), Ok(()), "bytes that the seal does not cover do not count");
    }

    #[test]
    fn an_unsealed_image_passes() {
        assert_eq!(verify(&image()), Ok(()));
    }

    #[test]
    fn an_image_whose_relocations_are_not_packed_is_neither_sealed_nor_sound() {
        let mut image = image();
        write(&mut image, 0x68, 0x9_0000_00b0);
        let unpacked = Err(SealError::Unpacked { size: 8 });
        assert_eq!(verify(&image), unpacked);
        assert_eq!(seal(&mut image), unpacked);
    }

    #[test]
    fn room_behind_the_relr_table_does_not_count() {
        let mut image = image();
        write(&mut image, 0x68, 0x8_0000_00a8);
        seal(&mut image).expect("the image can be sealed");
        image[0xb0] ^= 1;
        assert_eq!(verify(&image), Ok(()));
        image[0xaf] ^= 1;
        assert!(matches!(verify(&image), Err(SealError::Checksum { .. })));
    }
}
