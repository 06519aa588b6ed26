//! A broken rule, with the value found.

use core::fmt;

use landfall_paging::{VirtAddr, VirtRange};

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
    /// The code has relocations.
    Textrel,
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
    /// A relocation is not `R_RISCV_RELATIVE`.
    RelocationKind {
        /// The slot.
        at: VirtAddr,
        /// The type in `r_info`.
        kind: u32,
        /// The symbol in `r_info`.
        symbol: u32,
    },
    /// A slot lies in no segment, or in code.
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
    /// A RELR table begins with a bitmap, or a slot of it is misaligned or not above the one before.
    Relr {
        /// The slot, or 0 for the bitmap.
        at: VirtAddr,
    },
    /// The span cannot start there.
    Place {
        /// The new start of the span.
        to: VirtAddr,
    },
    /// No range of free memory is large enough.
    NoMemory {
        /// Bytes that the kernel takes.
        size: u64,
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
            Self::Textrel => Rule::Textrel,
            Self::RelocationForm { .. } => Rule::RelocationForm,
            Self::RelocationTable { .. } => Rule::RelocationTable,
            Self::RelocationKind { .. } => Rule::RelocationKind,
            Self::Slot { .. } => Rule::Slot,
            Self::Target { .. } => Rule::Target,
            Self::Relr { .. } => Rule::Relr,
            Self::Place { .. } => Rule::Place,
            Self::NoMemory { .. } | Self::MemorySize { .. } => Rule::Memory,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elf => f.write_str("the file is no ELF for 64-bit RISC-V, little-endian; pass a kernel's ELF"),
            Self::Type { found } => write!(
                f,
                "the ELF has type {found}; link an executable (type 2) or a static PIE (type 3)"
            ),
            Self::Flags { found } => write!(
                f,
                "the e_flags are {found:#x}; compile for RV64I, without RVE, TSO and quad-precision floats"
            ),
            Self::Headers => f.write_str("the program or section headers are missing or damaged; link the kernel anew"),
            Self::Interpreter => f.write_str("the ELF names a dynamic linker (PT_INTERP); link with -static-pie -Wl,--no-dynamic-linker, or -static"),
            Self::Library => f.write_str("the ELF needs a shared library (DT_NEEDED); link with -static-pie or -static"),
            Self::Stack => f.write_str("the ELF requests an executable stack; link with -z noexecstack"),
            Self::NoSegment => f.write_str("no segment takes memory; correct the linker script's PHDRS"),
            Self::TooManySegments => f.write_str("more than 32 segments take memory; merge segments with equal permissions"),
            Self::SegmentFile { at } => write!(
                f,
                "the segment at {at} has bytes outside the file, or more than its memory; copy the file again"
            ),
            Self::SegmentAddress { at, size } => write!(
                f,
                "the segment at {at} takes {size:#x} bytes and ends above the last page; link it lower"
            ),
            Self::SegmentAlign { at, align } => write!(
                f,
                "the segment at {at} has alignment {align:#x}, which is no power of two or differs from its file offset; link the kernel anew"
            ),
            Self::SegmentOrder { at, end } => write!(
                f,
                "the segment at {at} begins below {end}, the end of the one before; order the linker script's sections by address"
            ),
            Self::Permission { at, flags: 0b111 | 0b011 } => write!(
                f,
                "the segment at {at} is writable and executable; link with -z separate-code, or give code a segment of its own"
            ),
            Self::Permission { at, flags } => write!(
                f,
                "the segment at {at} has no permission (p_flags {flags:#x}); correct the linker script's PHDRS"
            ),
            Self::SharedPage { at } => write!(
                f,
                "the segment at {at} begins in a page of another one with different permissions; align it to 4096 in the linker script"
            ),
            Self::Span { size, align } => write!(
                f,
                "the kernel takes {size:#x} bytes with alignment {align:#x}, which fits nowhere in the last 2 GiB; link it with fewer gaps"
            ),
            Self::FixedPlace { span } => write!(
                f,
                "the kernel is linked at {span}, in the lower half or the last 2 MiB; link it at 0xffffffff80000000, or as a static PIE"
            ),
            Self::Entry { entry } => write!(
                f,
                "the entry {entry} is odd or outside the bytes of an executable segment; correct ENTRY in the linker script"
            ),
            Self::DynamicMissing => f.write_str("the ELF has type 3 and no PT_DYNAMIC, which lists its relocations; keep .dynamic in the linker script"),
            Self::DynamicOutside { range } => write!(
                f,
                "the dynamic section at {range} is not in one segment's bytes; keep .dynamic in a loaded segment"
            ),
            Self::DynamicDamaged => f.write_str("the dynamic section has no DT_NULL, or has a part twice; link the kernel anew"),
            Self::Textrel => f.write_str("code needs relocations (DT_TEXTREL); compile with -fPIE and link with -z text"),
            Self::RelocationForm { tag } => write!(
                f,
                "the dynamic section has tag {tag:#x}, a form of relocations other than RELA and RELR; link with --pack-dyn-relocs=none and without IFUNCs"
            ),
            Self::RelocationTable { at, size } => write!(
                f,
                "the relocation table at {at} with {size:#x} bytes is not in one segment's bytes, or is not whole; keep .rela.dyn and .relr.dyn in a loaded segment"
            ),
            Self::RelocationKind { at, kind, symbol } => write!(
                f,
                "the relocation at {at} has type {kind} and symbol {symbol}, and only R_RISCV_RELATIVE (3) is applied; define the symbol, or link with -Bsymbolic"
            ),
            Self::Slot { slot } => write!(
                f,
                "the relocation at {slot} lies outside the segments, or in code; place relocated data in .data.rel.ro or .data"
            ),
            Self::Target { slot, target } => write!(
                f,
                "the relocation at {slot} points to {target}, outside the kernel; define the symbol within its segments"
            ),
            Self::Relr { at } => write!(
                f,
                "the RELR table is damaged at slot {at}: it begins with a bitmap, or its slots are misaligned or do not ascend; link the kernel anew"
            ),
            Self::Place { to } => write!(f, "the kernel cannot start at {to}; choose one of its places"),
            Self::NoMemory { size } => write!(
                f,
                "no range of free memory holds the {size:#x} bytes of the kernel; reserve less memory"
            ),
            Self::MemorySize { wanted, found } => write!(
                f,
                "the kernel takes {wanted:#x} bytes, and the memory for it has {found:#x}; pass a whole span"
            ),
        }
    }
}

impl core::error::Error for Refusal {}
