//! Page-table entries, bit by bit.
//!
//! Privileged specification, "Sv39: Page-Based 39-bit Virtual-Memory System"; sv48 and sv57 have
//! the same layout:
//!
//! ```text
//! V 0, R 1, W 2, X 3, U 4, G 5, A 6, D 7, RSW 9:8, PPN 53:10, reserved 60:54
//! PBMT 62:61 (Svpbmt), N 63 (Svnapot)
//! ```

use std::fmt;

use crate::address::{PAGE, Phys};
use crate::attributes::MemoryType;
use crate::format::{Format, Napot, Types};

/// An entry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry(pub(crate) u64);

/// The meaning of an entry, without a look at others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// V is 0.
    Invalid,
    /// A pointer to a table.
    Pointer(Phys),
    /// A leaf.
    Leaf,
    /// One of 16 leaves that map 64 KiB together.
    Napot,
    /// A hart raises a page fault.
    Faulty(Defect),
}

/// A reason why a hart raises a page fault for a valid entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// A reserved bit is set, or PBMT has the reserved value 3.
    Reserved,
    /// W without R.
    WriteOnly,
    /// A pointer in a table of the last level.
    Deep,
    /// A leaf whose memory does not begin at a multiple of its size.
    Misaligned,
    /// N with an encoding that Svnapot reserves.
    Napot,
}

const N: u64 = 1 << 63;
const PBMT: u64 = 0b11 << 61;
const THEAD: u64 = 0b1_1111 << 59;
const UPPER: u64 = u64::MAX << 54;
/// U, A and D, which are reserved in pointers.
const POINTER_RESERVED: u64 = 0b1101_0000;
/// The low bits of the page number that say 64 KiB.
const NAPOT_64K: u64 = 0b1000;

impl Entry {
    const fn has(self, bit: u32) -> bool {
        self.0 >> bit & 1 != 0
    }

    /// The physical address that the page number names.
    pub(crate) const fn target(self) -> Phys {
        Phys((self.0 >> 10 & ((1 << 44) - 1)) * PAGE)
    }

    /// The address of this page of memory, if the entry is one of 16 that map 64 KiB. The low four
    /// bits of the page number are replaced by those of the virtual one.
    pub(crate) const fn napot_target(self, index: u64) -> Phys {
        Phys(self.target().0 / (16 * PAGE) * (16 * PAGE) + index % 16 * PAGE)
    }

    /// Bits 7:1, from R to D.
    pub(crate) const fn flags(self) -> u8 {
        self.0.to_le_bytes()[0] & 0xfe
    }

    pub(crate) fn memory_type(self, format: Format) -> MemoryType {
        match (format.types, self.0 >> 61 & 0b11) {
            (Types::Thead, _) => MemoryType::Thead((self.0 >> 59).to_le_bytes()[0]),
            (Types::Svpbmt, 1) => MemoryType::Uncached,
            (Types::Svpbmt, 2) => MemoryType::Io,
            _ => MemoryType::Default,
        }
    }

    /// Steps 3 to 6 of the "Virtual Address Translation Process", for an entry in a table of
    /// `level`. Level 0 is the last.
    pub(crate) fn meaning(self, level: u8, format: Format) -> Meaning {
        let is_leaf = self.has(1) || self.has(3);
        let mut defined = 0;
        if is_leaf {
            defined |= if format.types == Types::Svpbmt { PBMT } else { 0 };
            defined |= if format.types == Types::Thead { THEAD } else { 0 };
            defined |= if format.napot == Napot::Svnapot { N } else { 0 };
        }
        let is_napot =
            is_leaf && self.has(63) && format.napot == Napot::Svnapot && format.types != Types::Thead;
        let page = self.target().0 / PAGE;
        if !self.has(0) {
            Meaning::Invalid
        } else if self.has(2) && !self.has(1) {
            Meaning::Faulty(Defect::WriteOnly)
        } else if self.0 & UPPER & !defined != 0
            || is_leaf && format.types == Types::Svpbmt && self.0 & PBMT == PBMT
        {
            Meaning::Faulty(Defect::Reserved)
        } else if !is_leaf && level == 0 {
            Meaning::Faulty(Defect::Deep)
        } else if !is_leaf && self.0 & POINTER_RESERVED != 0 {
            Meaning::Faulty(Defect::Reserved)
        } else if !is_leaf {
            Meaning::Pointer(self.target())
        } else if is_napot && (level != 0 || page % 16 != NAPOT_64K) {
            Meaning::Faulty(Defect::Napot)
        } else if is_napot {
            Meaning::Napot
        } else if !page.is_multiple_of(1 << (9 * level)) {
            Meaning::Faulty(Defect::Misaligned)
        } else {
            Meaning::Leaf
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#018x}", self.0)
    }
}
