//! The meaning of a word of a table, by steps 3 to 5 of the translation process.

use crate::entry::Flags;

/// A word of a table; `None` is garbage: nothing was stored there since a test discarded it.
pub(super) type Word = Option<u64>;

pub(super) const PAGE: u64 = 4096;
pub(super) const ENTRIES: u64 = 512;
/// Entries that map 64 KiB together, with Svnapot.
pub(super) const GROUP: u64 = 16;
/// No mode has more levels.
pub(super) const MAX_LEVELS: u32 = 5;

const N: u64 = 1 << 63;
const PBMT: u64 = 0b11 << 61;
const THEAD_MEMORY: u64 = 0b1_1111 << 59;
const UPPER_BITS: u64 = u64::MAX << 54;
const POINTER_RESERVED: u64 = 1 << 4 | 1 << 6 | 1 << 7;

/// The memory types that entries can state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum MemoryBits {
    #[default]
    None,
    Svpbmt,
    Thead,
}

/// The extensions that give a meaning to bits 63:54 of entries.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Format {
    pub(super) svnapot: bool,
    pub(super) memory: MemoryBits,
}

/// The meaning of an entry, whatever its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Fault,
    Pointer { table: u64 },
    Leaf { phys: u64, napot: bool },
}

/// The meaning of a word in a table of a known level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Fault,
    Garbage,
    Pointer { table: u64 },
    Leaf { phys: u64, size: u64 },
}

impl Format {
    pub(super) fn shape(self, bits: u64) -> Shape {
        let flags = Flags::of(bits);
        let target = target(bits);
        let is_leaf = flags.r() || flags.x();
        let reserved = UPPER_BITS & !self.defined(is_leaf);
        if !flags.v() || flags.w() && !flags.r() || bits & reserved != 0 {
            Shape::Fault
        } else if !is_leaf {
            let fault = bits & POINTER_RESERVED != 0;
            if fault { Shape::Fault } else { Shape::Pointer { table: target } }
        } else if self.memory == MemoryBits::Svpbmt && bits & PBMT == PBMT {
            // Svpbmt: "using this reserved value in a leaf PTE raises a page-fault exception".
            Shape::Fault
        } else if self.svnapot && bits & N != 0 {
            let phys = target / (GROUP * PAGE) * (GROUP * PAGE);
            if self.is_napot(bits) { Shape::Leaf { phys, napot: true } } else { Shape::Fault }
        } else {
            Shape::Leaf { phys: target, napot: false }
        }
    }

    pub(super) fn meaning(self, word: Word, level: u32) -> Meaning {
        let Some(bits) = word else { return Meaning::Garbage };
        match self.shape(bits) {
            Shape::Pointer { table } if level > 0 => Meaning::Pointer { table },
            Shape::Leaf { phys, napot: true } if level == 0 => Meaning::Leaf { phys, size: GROUP * PAGE },
            Shape::Leaf { phys, napot: false } if phys.is_multiple_of(size_of(level)) => {
                Meaning::Leaf { phys, size: size_of(level) }
            }
            _ => Meaning::Fault,
        }
    }

    /// Returns the table that a word points to.
    pub(super) fn pointer(self, word: Word, level: u32) -> Option<u64> {
        match self.meaning(word, level) {
            Meaning::Pointer { table } => Some(table),
            _ => None,
        }
    }

    /// Returns true if a hart may use the word for each of its 16 entries. Svnapot: "Just as with
    /// normal PTEs, TLBs are permitted to cache NAPOT PTEs whose V (Valid) bit is clear."
    pub(super) fn is_napot(self, bits: u64) -> bool {
        self.svnapot && bits & N != 0 && target(bits) / PAGE % GROUP == 0b1000
    }

    /// Returns the memory type in a leaf: PBMT, or the five bits of T-Head's parts.
    pub(super) fn memory_type(self, bits: u64) -> u8 {
        let upper = bits.to_le_bytes()[7];
        match self.memory {
            MemoryBits::None => 0,
            MemoryBits::Svpbmt => upper >> 5 & 0b11,
            MemoryBits::Thead => upper >> 3,
        }
    }

    fn defined(self, is_leaf: bool) -> u64 {
        let napot = if self.svnapot { N } else { 0 };
        let memory = match self.memory {
            MemoryBits::None => 0,
            MemoryBits::Svpbmt => PBMT,
            MemoryBits::Thead => THEAD_MEMORY,
        };
        if is_leaf { napot | memory } else { 0 }
    }
}

/// Returns true for G of a valid entry. Of an invalid one "all other bits in the PTE are
/// don't-cares".
pub(super) fn is_global(word: Word) -> bool {
    word.is_some_and(|bits| Flags::of(bits).v() && Flags::of(bits).g())
}

/// Returns true for an entry that is a leaf by its R, W and X, sound or not. "When all three are
/// zero, the PTE is a pointer [...]; otherwise, it is a leaf PTE."
pub(super) fn is_leaf(word: Word) -> bool {
    word.is_some_and(|bits| Flags::of(bits).v() && bits & 0b1110 != 0)
}

/// Bytes that an entry in a table of `level` serves.
pub(super) const fn size_of(level: u32) -> u64 {
    PAGE << (9 * level)
}

/// The index of the entry for `virt` in a table of `level`.
pub(super) const fn index_of(virt: u64, level: u32) -> u64 {
    virt / size_of(level) % ENTRIES
}

fn target(bits: u64) -> u64 {
    (bits >> 10 & ((1 << 44) - 1)) << 12
}
