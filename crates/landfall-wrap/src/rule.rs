//! The rules for an inner kernel, one row each. The numbers never change.

use core::fmt;

macro_rules! rules {
    ($($number:literal $name:ident $broken_if:literal;)+) => {
        /// A rule for an inner kernel.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $(
                #[doc = concat!("W", $number, " is broken if ", $broken_if, ".")]
                $name = $number,
            )+
        }

        impl Rule {
            /// All rules, by number.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Returns the condition that breaks the rule, in the words of `docs/wrap.md`.
            #[must_use]
            pub const fn broken_if(self) -> &'static str {
                match self {
                    $(Self::$name => $broken_if,)+
                }
            }
        }
    };
}

rules! {
    1 Elf "the file is no ELF for 64-bit RISC-V, little-endian";
    2 Type "the ELF is neither an executable (`ET_EXEC`) nor a static PIE (`ET_DYN`)";
    3 Flags "its code needs another base or memory model (RVE, TSO), or an unknown `e_flags` bit is set";
    4 Headers "the program headers have no offset, lie outside the file, or have another size than 56 bytes";
    5 Dynamic "it needs a dynamic linker: `PT_INTERP`, or a library";
    6 Stack "it requests an executable stack";
    7 Count "it has no segment that takes memory, or more than 32";
    8 SegmentFile "a segment's bytes lie outside the file, or take more room than the segment";
    9 SegmentAddress "a segment reaches beyond the address space";
    10 SegmentAlign "a segment's alignment is no power of two, or its address and file offset differ modulo it";
    11 SegmentOrder "segments overlap, or do not ascend";
    12 Permission "a segment is writable and executable, or has no permission";
    13 SharedPage "two segments with different permissions share a page";
    14 Span "the kernel takes more memory than it has places for";
    15 FixedPlace "a fixed kernel lies in the lower half, or in the last 2 MiB";
    16 Entry "the entry is odd, or outside the bytes of an executable segment";
    17 DynamicTable "a movable kernel has no `PT_DYNAMIC`, or the table is damaged or lies outside";
    18 CodeSlot "a relocated word lies in executable memory";
    19 RelocationForm "relocations are in another form than RELA and RELR";
    20 RelocationTable "a relocation table lies outside the file's segments, or does not consist of whole entries";
    21 RelocationKind "a relocation is neither `R_RISCV_RELATIVE` nor `R_RISCV_64` of a symbol that the kernel defines";
    22 Slot "a relocated word lies outside the segments";
    23 Target "a relocated word points outside the kernel";
    24 Relr "a RELR table begins with a bitmap, or its slots are misaligned or do not ascend";
    25 Place "the place chosen for the kernel is not one of its places";
    26 Memory "no free memory holds the kernel, or the memory has another size";
    27 Record "the image holds no inner kernel, or a damaged one";
    28 Mode "the machine landed in a mode without the kernel's addresses";
    29 Room "no free memory holds page tables, boot information and stacks, or there are too many harts or ranges of memory";
    30 Tables "the kernel's addresses overlap those of something else";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "W{}", *self as u8)
    }
}
