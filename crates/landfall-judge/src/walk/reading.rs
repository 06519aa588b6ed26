//! One entry, read as the specification says.

use super::{Defect, ENTRIES, Malformed, Root, leaf_size};
use crate::entry::{Flags, Leaf};
use crate::extensions::{Extensions, MemoryType};

/// Entries that map 64 KiB together, with Svnapot.
pub(super) const GROUP: u64 = 16;

const PAGE: u64 = 4096;
const N: u64 = 1 << 63;
const MEMORY_TYPE: u64 = 0b1_1111 << 59;
const POINTER_RESERVED: u64 = 1 << 4 | 1 << 6 | 1 << 7;
const UPPER_BITS: u64 = u64::MAX << 54;

/// The meaning of an entry.
pub(super) enum Reading {
    Invalid,
    Leaf(Leaf),
    Pointer { target: u64 },
    Malformed(Malformed),
}

/// The place of an entry.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) table: u64,
    pub(super) level: u32,
    /// The first virtual address that the table serves, not yet sign-extended.
    pub(super) base: u64,
    pub(super) index: u64,
}

impl Place {
    pub(super) fn entry(self) -> u64 {
        self.table + self.index * 8
    }

    pub(super) fn low(self) -> u64 {
        self.base + self.index * leaf_size(self.level)
    }

    /// The place of the first entry of the group to which this one would belong.
    fn group(self) -> Self {
        Self { index: self.index / GROUP * GROUP, ..self }
    }
}

impl Root {
    /// Steps 2 to 5 of the translation process, for one entry and without a look at any other.
    pub(super) fn reading(self, place: Place, bits: u64) -> Reading {
        let flags = Flags::of(bits);
        let target = (bits >> 10 & ((1 << 44) - 1)) << 12;
        let is_leaf = flags.r() || flags.x();
        let defined = match self.extensions {
            Extensions::Svnapot if is_leaf => N,
            Extensions::TheadMemory if is_leaf => MEMORY_TYPE,
            _ => 0,
        };
        let malformed = |defect| Reading::Malformed(self.malformed(place, bits, defect));
        if !flags.v() {
            Reading::Invalid
        } else if bits & UPPER_BITS & !defined != 0 {
            malformed(Defect::UpperBits)
        } else if flags.w() && !flags.r() {
            malformed(Defect::WriteWithoutRead)
        } else if is_leaf && bits & N != 0 && self.extensions == Extensions::Svnapot {
            // The specification's table of encodings has one line: i = 0, low bits of ppn[0] 1000,
            // 64 KiB. The rest is reserved.
            if place.level == 0 && target / PAGE % GROUP == 0b1000 {
                // The hart sees the entry with these four bits replaced by those of the virtual
                // page: together they are the offset.
                let phys = target / (GROUP * PAGE) * (GROUP * PAGE);
                Reading::Leaf(self.leaf(place.group(), phys, GROUP * PAGE, bits))
            } else {
                malformed(Defect::ReservedNapot)
            }
        } else if is_leaf && !target.is_multiple_of(leaf_size(place.level)) {
            malformed(Defect::Misaligned)
        } else if is_leaf {
            Reading::Leaf(self.leaf(place, target, leaf_size(place.level), bits))
        } else if place.level == 0 {
            malformed(Defect::PointerAtLastLevel)
        } else if bits & POINTER_RESERVED != 0 {
            malformed(Defect::PointerFlags)
        } else {
            Reading::Pointer { target }
        }
    }

    fn leaf(self, place: Place, phys: u64, size: u64, bits: u64) -> Leaf {
        Leaf {
            virt: self.canonical(place.low()),
            phys,
            size,
            flags: Flags::of(bits),
            memory: (self.extensions == Extensions::TheadMemory).then(|| MemoryType::of(bits)),
            entry: place.entry(),
        }
    }

    pub(super) fn malformed(self, place: Place, bits: u64, defect: Defect) -> Malformed {
        let virt = self.canonical(place.low());
        Malformed { defect, virt, level: place.level, entry: place.entry(), bits }
    }
}

/// The place of the entry that serves `virt`, in a table of `level`.
pub(super) fn place_of(virt: u64, table: u64, level: u32) -> Place {
    let size = leaf_size(level);
    Place { table, level, base: virt & !(size * ENTRIES - 1), index: virt / size % ENTRIES }
}
