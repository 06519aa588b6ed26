//! The next image: what it is, and which of its bytes go where.

use core::fmt;

use landfall_image::header::HeaderError;
use landfall_image::record::RecordError;
use landfall_image::seal::SealError;
use landfall_paging::PhysAddr;

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
    /// Bytes that it takes in memory, from its first address on. An image of another kernel than
    /// landfall with a boot header takes all of its last 2 MiB.
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
    /// Returns the segments.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        self.segments.get(..self.count).unwrap_or_default()
    }
}
