//! The next image: what it is, and which of its bytes go where.

use core::fmt;

use landfall_image::header::{self, BootHeader, HeaderError};
use landfall_image::record::{self, Record, RecordError};
use landfall_image::relr::Slots;
use landfall_image::seal::{self, SealError};
use landfall_paging::PhysAddr;

use crate::elf;

/// The most segments of an ELF that take memory.
pub const MAX_SEGMENTS: usize = 16;

/// The alignment of a kernel in physical memory (Linux, `Documentation/arch/riscv/boot.rst`).
pub const ALIGNMENT: u64 = 2 << 20;

/// The kind of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImageKind {
    /// A landfall kernel.
    Landfall,
    /// Another kernel with the boot header of Linux.
    BootHeader,
    /// An ELF without that header, which runs where its segments say.
    Elf,
}

impl fmt::Display for ImageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Landfall => "a landfall kernel",
            Self::BootHeader => "a kernel with the boot header of Linux",
            Self::Elf => "an ELF without a boot header",
        })
    }
}

/// Bytes of the file that go to one place, and the memory that they take there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// The offset of the first byte in the file.
    pub offset: u64,
    /// Bytes in the file.
    pub file_size: u64,
    /// Bytes in memory, at least as many. Those beyond the file's are zeros.
    pub memory_size: u64,
    /// Bytes from the image's first address to this segment's.
    pub at: u64,
}

/// The place of an image in physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// Any address that is so many bytes above a multiple of 2 MiB ([`ALIGNMENT`]).
    Anywhere {
        /// Bytes above a multiple of 2 MiB.
        offset: u64,
    },
    /// This address alone.
    Fixed(PhysAddr),
}

/// An image that was understood.
#[derive(Clone, Copy, Debug)]
pub struct Image {
    /// The kind.
    pub kind: ImageKind,
    /// The place that it can have.
    pub whereabouts: Whereabouts,
    /// Bytes that it takes in memory, from its first address on.
    pub size: u64,
    /// Bytes from its first address to its first instruction.
    pub entry: u64,
    pub(crate) segments: [Segment; MAX_SEGMENTS],
    pub(crate) count: usize,
}

/// A fault of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImageError {
    /// The file is compressed.
    Compressed {
        /// The name of the format.
        format: &'static str,
    },
    /// The file is neither an ELF nor an image with a boot header.
    Unknown(HeaderError),
    /// The boot header asks for something that this machine is not.
    BigEndian,
    /// The landfall record is damaged.
    Record(RecordError),
    /// The seal does not hold.
    Seal(SealError),
    /// The relocation data is damaged.
    Relocations {
        /// The word at fault.
        slot: u64,
    },
    /// The file is shorter or longer than its record states.
    FileSize {
        /// Bytes of the file.
        found: u64,
        /// Bytes by the record.
        recorded: u64,
    },
    /// The ELF cannot be used.
    Elf(&'static str),
    /// An ELF has more segments.
    TooManySegments,
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compressed { format } => {
                write!(f, "the next image is compressed by {format}; pass the decompressed image")
            }
            Self::Unknown(error) => write!(
                f,
                "the next image is neither an ELF nor a kernel with a boot header: {error}; pass a landfall image, Linux's Image or an ELF for 64-bit RISC-V"
            ),
            Self::BigEndian => {
                f.write_str("the next image is big-endian by its boot header; this machine is little-endian")
            }
            Self::Record(error) => write!(f, "the next image is damaged: {error}"),
            Self::Seal(error) => write!(f, "the next image is damaged: {error}"),
            Self::Relocations { slot } => write!(
                f,
                "the next image is damaged: its relocation data has {slot:#x}, which is misaligned, out of order or outside constants and data"
            ),
            Self::FileSize { found, recorded } => write!(
                f,
                "the next image has {found:#x} bytes, but its record states {recorded:#x}; pass the whole file"
            ),
            Self::Elf(what) => write!(f, "the next image is an ELF that cannot be started: {what}"),
            Self::TooManySegments => {
                write!(
                    f,
                    "the next image is an ELF with more than {MAX_SEGMENTS} segments; link it with fewer"
                )
            }
        }
    }
}

impl core::error::Error for ImageError {}

impl Image {
    /// Reads an image.
    ///
    /// # Errors
    /// [`ImageError`] states the fault. The files of landfall are checked as the landing does: rules
    /// 2 and 3 of the boot contract.
    pub fn read(bytes: &[u8]) -> Result<Self, ImageError> {
        if let Some(format) = compression(bytes) {
            return Err(ImageError::Compressed { format });
        }
        if bytes.starts_with(b"\x7fELF") { elf::read(bytes) } else { Self::flat(bytes) }
    }

    /// Returns the segments.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        self.segments.get(..self.count).unwrap_or_default()
    }

    fn flat(bytes: &[u8]) -> Result<Self, ImageError> {
        let Header { kind, whereabouts, size } = Header::read(bytes)?;
        let file_size = bytes.len() as u64;
        let size = size.max(file_size);
        let mut segments = [Segment::default(); MAX_SEGMENTS];
        segments[0] = Segment { offset: 0, file_size, memory_size: size, at: 0 };
        Ok(Self { kind, whereabouts, size, entry: 0, segments, count: 1 })
    }
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

/// Checks the slots as the landing does (rule 3): ascending, aligned, and close enough to each other
/// for constants and data. The file does not state its link address.
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

const _: () = assert!(record::OFFSET == header::SIZE);
