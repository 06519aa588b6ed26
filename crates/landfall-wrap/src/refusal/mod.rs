//! A broken rule, with the value found.

mod text;

use landfall_paging::{Mode, VirtAddr, VirtRange};

use crate::rule::Rule;

/// The reason against an inner kernel. Addresses are as linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The file is no ELF of this machine.
    Elf,
    /// The ELF is not linked, or no program.
    Type {
        /// `e_type`.
        found: u16,
    },
    /// The code is for another base or memory model.
    Flags {
        /// `e_flags`.
        found: u32,
    },
    /// The table of program headers cannot be read.
    Headers,
    /// The kernel names a dynamic linker.
    Interpreter,
    /// The kernel needs a shared library.
    Library,
    /// The kernel requests an executable stack.
    Stack,
    /// No segment takes memory.
    NoSegment,
    /// More than [`MAX_SEGMENTS`](crate::MAX_SEGMENTS) segments take memory.
    TooManySegments,
    /// The bytes of a segment are not in the file, or are more than its memory.
    SegmentFile {
        /// The segment.
        at: VirtAddr,
    },
    /// A segment ends above the last page.
    SegmentAddress {
        /// The segment.
        at: VirtAddr,
        /// Its bytes of memory.
        size: u64,
    },
    /// Address and file offset of a segment differ modulo its alignment, or that is no power of
    /// two.
    SegmentAlign {
        /// The segment.
        at: VirtAddr,
        /// `p_align`.
        align: u64,
    },
    /// A segment begins below the end of the one before it.
    SegmentOrder {
        /// The segment.
        at: VirtAddr,
        /// The end of the one before it.
        end: VirtAddr,
    },
    /// A segment is writable and executable, or has no permission.
    Permission {
        /// The segment.
        at: VirtAddr,
        /// `p_flags`.
        flags: u32,
    },
    /// A segment begins in the last page of another one, which has other permissions.
    SharedPage {
        /// The upper segment.
        at: VirtAddr,
    },
    /// The kernel is too large for the last 2 GiB, or its alignment is.
    Span {
        /// Its bytes of memory.
        size: u64,
        /// Its alignment.
        align: u64,
    },
    /// A fixed kernel lies where it cannot be mapped.
    FixedPlace {
        /// Its pages.
        span: VirtRange,
    },
    /// The entry is no code.
    Entry {
        /// `e_entry`.
        entry: VirtAddr,
    },
    /// A movable kernel does not list its relocations.
    DynamicMissing,
    /// The dynamic section is not in a segment's bytes.
    DynamicOutside {
        /// The section.
        range: VirtRange,
    },
    /// The dynamic section has no end, or a tag twice, or there are two of it.
    DynamicDamaged,
    /// A slot lies in executable memory.
    CodeSlot {
        /// The slot.
        slot: VirtAddr,
    },
    /// A relocation table has another form than RELA and RELR.
    RelocationForm {
        /// `d_tag`.
        tag: i64,
    },
    /// A relocation table is not in a segment's bytes, or has an entry that is not whole.
    RelocationTable {
        /// The table.
        at: VirtAddr,
        /// Its bytes.
        size: u64,
    },
    /// A relocation is neither `R_RISCV_RELATIVE` nor `R_RISCV_64` of a symbol in the kernel.
    RelocationKind {
        /// The slot.
        at: VirtAddr,
        /// The type in `r_info`.
        kind: u32,
        /// The symbol in `r_info`.
        symbol: u32,
    },
    /// A slot lies in no segment.
    Slot {
        /// The slot.
        slot: VirtAddr,
    },
    /// A slot gets an address outside the kernel.
    Target {
        /// The slot.
        slot: VirtAddr,
        /// The address.
        target: VirtAddr,
    },
    /// A RELR table begins with a bitmap, or a slot is misaligned or not above the one before.
    Relr {
        /// The slot, or 0 for the bitmap.
        at: VirtAddr,
    },
    /// The span cannot start there.
    Place {
        /// The new start of the span.
        to: VirtAddr,
    },
    /// The landing's mode lacks the kernel's addresses.
    Mode {
        /// The mode.
        mode: Mode,
        /// The worst mode that has the addresses.
        least: Mode,
    },
    /// No range of free memory is large enough.
    NoMemory {
        /// Bytes that the kernel takes.
        size: u64,
        /// Bytes of the largest range.
        largest: u64,
    },
    /// The memory has another size than the span.
    MemorySize {
        /// The size of the span.
        wanted: u64,
        /// The size of the memory.
        found: usize,
    },
}

impl Refusal {
    /// Returns the broken rule.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Elf => Rule::Elf,
            Self::Type { .. } => Rule::Type,
            Self::Flags { .. } => Rule::Flags,
            Self::Headers => Rule::Headers,
            Self::Interpreter | Self::Library => Rule::Dynamic,
            Self::Stack => Rule::Stack,
            Self::NoSegment | Self::TooManySegments => Rule::Count,
            Self::SegmentFile { .. } => Rule::SegmentFile,
            Self::SegmentAddress { .. } => Rule::SegmentAddress,
            Self::SegmentAlign { .. } => Rule::SegmentAlign,
            Self::SegmentOrder { .. } => Rule::SegmentOrder,
            Self::Permission { .. } => Rule::Permission,
            Self::SharedPage { .. } => Rule::SharedPage,
            Self::Span { .. } => Rule::Span,
            Self::FixedPlace { .. } => Rule::FixedPlace,
            Self::Entry { .. } => Rule::Entry,
            Self::DynamicMissing | Self::DynamicOutside { .. } | Self::DynamicDamaged => Rule::DynamicTable,
            Self::CodeSlot { .. } => Rule::CodeSlot,
            Self::RelocationForm { .. } => Rule::RelocationForm,
            Self::RelocationTable { .. } => Rule::RelocationTable,
            Self::RelocationKind { .. } => Rule::RelocationKind,
            Self::Slot { .. } => Rule::Slot,
            Self::Target { .. } => Rule::Target,
            Self::Relr { .. } => Rule::Relr,
            Self::Place { .. } => Rule::Place,
            Self::Mode { .. } => Rule::Mode,
            Self::NoMemory { .. } | Self::MemorySize { .. } => Rule::Memory,
        }
    }
}

impl core::error::Error for Refusal {}
