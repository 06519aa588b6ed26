//! Flat images: a boot header, and in landfall's the record behind it.

use landfall_image::header::{self, BootHeader};
use landfall_image::record::{self, Record, RecordError};
use landfall_image::relr::Slots;
use landfall_image::seal;

use crate::image::{ALIGNMENT, Image, ImageError, ImageKind, MAX_SEGMENTS, Segment, Whereabouts};

/// Reads a flat image: one segment, which is the file.
pub(crate) fn read(bytes: &[u8]) -> Result<Image, ImageError> {
    let Header { kind, whereabouts, size } = Header::read(bytes)?;
    let file_size = bytes.len() as u64;
    let memory_size = size.max(file_size);
    let mut segments = [Segment::default(); MAX_SEGMENTS];
    segments[0] = Segment { offset: 0, file_size, memory_size, at: 0 };
    let size = taken(kind, whereabouts, memory_size);
    Ok(Image { kind, whereabouts, size, entry: 0, segments, count: 1 })
}

/// Returns the bytes of memory in which an image allows nothing else. Linux maps its last 2 MiB
/// with a leaf of its own, and so refuses an initrd in them (`setup_bootmem`).
pub(crate) fn taken(kind: ImageKind, whereabouts: Whereabouts, size: u64) -> u64 {
    let Whereabouts::Anywhere { offset } = whereabouts else { return size };
    if kind == ImageKind::Landfall {
        return size;
    }
    let end = size.checked_add(offset).and_then(|end| end.checked_next_multiple_of(ALIGNMENT));
    end.map_or(size, |end| end - offset)
}

/// The contents of a boot header, and of the landfall record behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) kind: ImageKind,
    pub(crate) whereabouts: Whereabouts,
    /// Bytes of memory that the image takes.
    pub(crate) size: u64,
}

impl Header {
    /// Reads the header with which `bytes` begin, and checks a landfall image.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, ImageError> {
        let header = BootHeader::read(bytes).map_err(ImageError::Unknown)?;
        if header.flags & 1 != 0 {
            return Err(ImageError::BigEndian);
        }
        let whereabouts = Whereabouts::Anywhere { offset: header.text_offset % ALIGNMENT };
        Ok(Self { kind: kind_of(bytes)?, whereabouts, size: header.image_size })
    }
}

/// Returns the kind of a flat image with a sound boot header, and checks one of landfall.
fn kind_of(bytes: &[u8]) -> Result<ImageKind, ImageError> {
    let record = match Record::read(bytes) {
        Err(RecordError::TooShort { .. } | RecordError::Magic { .. }) => return Ok(ImageKind::BootHeader),
        Err(error) => return Err(ImageError::Record(error)),
        Ok(record) => record,
    };
    let (found, recorded) = (bytes.len() as u64, u64::from(record.file_size));
    if found < recorded {
        return Err(ImageError::FileSize { found, recorded });
    }
    seal::verify(bytes).map_err(ImageError::Seal)?;
    check_relocations(bytes, &record)?;
    Ok(ImageKind::Landfall)
}

/// Checks the slots as the landing does (rule 3): ascending, aligned, and close enough to each
/// other for constants and data. The file does not state its link address.
fn check_relocations(bytes: &[u8], record: &Record) -> Result<(), ImageError> {
    let table = record.relr.of(bytes).unwrap_or_default();
    let words = table.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
    if let Some(bitmap) = words.clone().next().filter(|word| word & 1 == 1) {
        return Err(ImageError::Relocations { slot: bitmap });
    }
    let room = u64::from(record.file_size.saturating_sub(record.text_size));
    let mut slots = Slots::new(words);
    let Some(first) = slots.next() else { return Ok(()) };
    let mut last = first;
    for slot in slots {
        let fits = slot > last && slot - first <= room.saturating_sub(8);
        if slot % 8 != 0 || !fits {
            return Err(ImageError::Relocations { slot });
        }
        last = slot;
    }
    if first % 8 == 0 { Ok(()) } else { Err(ImageError::Relocations { slot: first }) }
}

const _: () = assert!(record::OFFSET == header::SIZE);
