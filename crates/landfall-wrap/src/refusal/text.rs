//! The messages: the fact, its cause, and the remedy.

use core::fmt;

use landfall_paging::{Mode, VirtAddr};

use super::Refusal;

impl fmt::Display for Refusal {
    #[expect(clippy::too_many_lines, reason = "a message for each variant")]
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
            Self::FixedPlace { span } if is_between_halves(span.start()) => write!(
                f,
                "the kernel is linked at {span}, which is not canonical in any mode; link it at 0xffffffff80000000, or as a static PIE"
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
            Self::CodeSlot { slot } => write!(
                f,
                "the relocation at {slot} lies in executable memory; compile with -fPIE and link with -z separate-code"
            ),
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
                "the relocation at {at} has type {kind} and symbol {symbol}, and only R_RISCV_RELATIVE (3) and R_RISCV_64 (2) of a defined symbol are applied; define the symbol"
            ),
            Self::Slot { slot } => {
                write!(f, "the relocation at {slot} lies outside the segments; keep its section in a loaded segment")
            }
            Self::Target { slot, target } => write!(
                f,
                "the relocation at {slot} points to {target}, outside the kernel; define the symbol within its segments"
            ),
            Self::Relr { at } => write!(
                f,
                "the RELR table is damaged at slot {at}: it begins with a bitmap, or its slots are misaligned or do not ascend; link the kernel anew"
            ),
            Self::Place { to } => write!(f, "the kernel cannot start at {to}; choose one of its places"),
            Self::Mode { mode, least } => write!(
                f,
                "the inner kernel's addresses need {least}, and this machine landed in {mode}; use a machine with {least}"
            ),
            Self::NoMemory { size, largest } => write!(
                f,
                "the kernel takes {size:#x} bytes in one piece, and the largest range of free memory has {largest:#x}; add RAM, or reserve less"
            ),
            Self::MemorySize { wanted, found } => write!(
                f,
                "the kernel takes {wanted:#x} bytes, and the memory for it has {found:#x}; pass a whole span"
            ),
        }
    }
}

/// Returns true for an address that sv57, the mode with most addresses, has in neither half.
fn is_between_halves(address: VirtAddr) -> bool {
    let upper = Mode::Sv57.upper_half();
    address < upper && address.get() >= upper.get().wrapping_neg()
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::ToString;

    use landfall_paging::VirtRange;

    use super::*;

    #[test]
    fn an_address_between_the_halves_is_named_as_such() {
        let text = |start| {
            let span = VirtRange::new(VirtAddr::new(start), 0x1000);
            Refusal::FixedPlace { span }.to_string()
        };
        for start in [1 << 56, 1 << 63, 0xfeff_ffff_ffff_f000] {
            assert!(text(start).contains(", which is not canonical in any mode; "), "{start:#x}");
        }
        for start in [0, 0x8020_0000, 0x00ff_ffff_ffff_e000, 0xffff_ffff_ffff_e000] {
            assert!(text(start).contains(", in the lower half or the last 2 MiB; "), "{start:#x}");
        }
    }
}
