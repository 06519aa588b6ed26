//! The walker: what a hart sees through a `satp`.
//!
//! Privileged specification, "Supervisor Address Translation and Protection (satp) Register" and
//! "Virtual Address Translation Process". With Svnapot, 16 entries of level 0 that map 64 KiB
//! together are one leaf. An incomplete group is no leaf.
//!
//! ```
//! use landfall_judge::walk::{Miss, NotPaged, Root};
//!
//! // An sv48 root at 0x80000000 that holds no valid entry.
//! let root = Root::from_satp(9 << 60 | 0x8_0000)?;
//! let empty = |_address: u64| 0;
//! assert_eq!(root.translate(!0, empty), Err(Miss::Invalid { level: 3 }));
//! assert_eq!(root.translate(1 << 60, empty), Err(Miss::NotCanonical));
//! assert_eq!(root.walk(empty).tables, [0x8000_0000]);
//! # Ok::<(), NotPaged>(())
//! ```

use core::fmt;
use core::ops::ControlFlow;
use std::collections::HashSet;

use crate::entry::Leaf;
use crate::extensions::Extensions;

mod reading;

use reading::{GROUP, Place, Reading, place_of};

/// A walk stops after this many tables: 64 MiB of them, which only garbage needs.
pub const MAX_TABLES: usize = 1 << 14;

const ENTRIES: u64 = 512;

/// The root of a `satp` with translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root {
    /// Levels of tables: 3 in sv39, 4 in sv48, 5 in sv57.
    pub levels: u32,
    /// The physical address of the root table.
    pub table: u64,
    /// The extensions of the part's entries.
    pub extensions: Extensions,
}

/// Why a `satp` value leads to no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotPaged {
    /// MODE is 0: no translation.
    Bare,
    /// MODE is reserved.
    Reserved {
        /// Its value.
        mode: u64,
    },
}

impl fmt::Display for NotPaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bare => write!(f, "satp turns translation off"),
            Self::Reserved { mode } => write!(f, "satp has the reserved mode {mode}"),
        }
    }
}

impl core::error::Error for NotPaged {}

/// A fault of an entry. A hart that has just the root's extensions raises a page fault for
/// all of these but [`Defect::TableAgain`], [`Defect::TooManyTables`] and [`Defect::BrokenGroup`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Defect {
    /// A bit of 63:54 is set that the root's extensions give no meaning to in such an entry:
    /// reserved, or PBMT, which landfall never uses.
    UpperBits,
    /// A leaf with N above level 0, or with low bits of the page number outside Svnapot's sizes.
    ReservedNapot,
    /// The first entry that differs from the first with N, among 16 that should map 64 KiB
    /// together. A hart may use any of them for all.
    BrokenGroup,
    /// W without R.
    WriteWithoutRead,
    /// A leaf above level 0 whose target is no multiple of its size.
    Misaligned,
    /// A pointer to a table in a table of level 0.
    PointerAtLastLevel,
    /// A pointer with U, A or D, which are reserved in pointers.
    PointerFlags,
    /// A pointer to a table that the walk has met before: an alias, or a loop.
    TableAgain,
    /// The walk has met [`MAX_TABLES`] tables and ends here.
    TooManyTables,
}

/// An entry that no sound table has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Malformed {
    /// The fault.
    pub defect: Defect,
    /// The first virtual address that the entry serves.
    pub virt: u64,
    /// The level of the entry's table; 0 is the last.
    pub level: u32,
    /// The physical address of the entry.
    pub entry: u64,
    /// The entry itself.
    pub bits: u64,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { defect, virt, level, entry, bits } = self;
        write!(f, "{defect:?}: entry {bits:#018x} at {entry:#x}, level {level}, serves {virt:#x}")
    }
}

impl fmt::Debug for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Malformed({self})")
    }
}

/// The target of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The physical address.
    pub phys: u64,
    /// The leaf that leads there.
    pub leaf: Leaf,
}

/// Why an access goes nowhere, whatever its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// The upper bits of the address are not all equal to its highest translated bit.
    NotCanonical,
    /// An entry without V, in a table of this level.
    Invalid {
        /// The level.
        level: u32,
    },
    /// A malformed entry.
    Malformed(Malformed),
}

/// Everything that tables hold.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    /// All sound leaves, in ascending order of virtual addresses, each as often as it is reached.
    pub leaves: Vec<Leaf>,
    /// The physical addresses of all tables, the root first, in the order in which they were met.
    pub tables: Vec<u64>,
    /// All entries that are not sound.
    pub malformed: Vec<Malformed>,
}

/// A table, its level, and the first virtual address that it maps.
#[derive(Clone, Copy)]
struct Table {
    address: u64,
    level: u32,
    base: u64,
}

impl Root {
    /// Reads a `satp` value: MODE in bits 63:60, the root's page number in 43:0. The ASID does not
    /// matter here. No extensions.
    ///
    /// # Errors
    /// [`NotPaged`] where there is no table to walk.
    pub const fn from_satp(satp: u64) -> Result<Self, NotPaged> {
        let levels = match satp >> 60 {
            0 => return Err(NotPaged::Bare),
            8 => 3,
            9 => 4,
            10 => 5,
            mode => return Err(NotPaged::Reserved { mode }),
        };
        Ok(Self { levels, table: (satp & ((1 << 44) - 1)) << 12, extensions: Extensions::None })
    }

    /// The same root, on a part with these extensions.
    #[must_use]
    pub const fn with_extensions(self, extensions: Extensions) -> Self {
        Self { extensions, ..self }
    }

    /// Bits of a virtual address.
    #[must_use]
    pub const fn virtual_bits(self) -> u32 {
        12 + 9 * self.levels
    }

    /// The address with this low part and all upper bits equal to the highest translated one.
    #[must_use]
    pub const fn canonical(self, low: u64) -> u64 {
        let unused = 64 - self.virtual_bits();
        ((low << unused).cast_signed() >> unused).cast_unsigned()
    }

    /// Translates one address. `read` gives the little-endian 64-bit word at a physical address.
    ///
    /// One entry a level is read, as by a hart that has cached none: whether a group of Svnapot's
    /// is whole, only [`Root::walk`] says.
    ///
    /// # Errors
    /// [`Miss`] says why there is no translation.
    pub fn translate(self, virt: u64, mut read: impl FnMut(u64) -> u64) -> Result<Hit, Miss> {
        if self.canonical(virt) != virt {
            return Err(Miss::NotCanonical);
        }
        let mut table = self.table;
        let mut level = self.levels - 1;
        loop {
            let place = place_of(virt, table, level);
            match self.reading(place, read(place.entry())) {
                Reading::Invalid => return Err(Miss::Invalid { level }),
                Reading::Malformed(malformed) => return Err(Miss::Malformed(malformed)),
                Reading::Leaf(leaf) => return Ok(Hit { phys: leaf.phys | virt & (leaf.size - 1), leaf }),
                Reading::Pointer { target } => (table, level) = (target, level - 1),
            }
        }
    }

    /// Walks everything. `read` gives the little-endian 64-bit word at a physical address; it is
    /// asked once per entry.
    ///
    /// Any memory whatever ends the walk: a table is entered once, and no more than [`MAX_TABLES`]
    /// are.
    pub fn walk(self, mut read: impl FnMut(u64) -> u64) -> Walk {
        let mut walk = Walk::default();
        let mut met = HashSet::from([self.table]);
        let root = Table { address: self.table, level: self.levels - 1, base: 0 };
        // The walk itself reports an early end.
        let _ = self.walk_table(root, &mut read, &mut walk, &mut met);
        walk
    }

    /// Walks one table and those below it; breaks off where there are too many.
    fn walk_table(
        self,
        table: Table,
        read: &mut impl FnMut(u64) -> u64,
        walk: &mut Walk,
        met: &mut HashSet<u64>,
    ) -> ControlFlow<()> {
        let Table { address, level, base } = table;
        walk.tables.push(address);
        let place = |index| Place { table: address, level, base, index };
        if level == 0 && self.extensions == Extensions::Svnapot {
            for first in (0..ENTRIES / GROUP).map(|group| group * GROUP) {
                let group: Vec<_> =
                    (first..first + GROUP).map(place).map(|place| (place, read(place.entry()))).collect();
                self.walk_group(&group, walk);
            }
            return ControlFlow::Continue(());
        }
        for place in (0..ENTRIES).map(place) {
            let bits = read(place.entry());
            match self.reading(place, bits) {
                Reading::Invalid => {}
                Reading::Leaf(leaf) => walk.leaves.push(leaf),
                Reading::Malformed(malformed) => walk.malformed.push(malformed),
                Reading::Pointer { target } if met.contains(&target) => {
                    walk.malformed.push(self.malformed(place, bits, Defect::TableAgain));
                }
                Reading::Pointer { .. } if met.len() == MAX_TABLES => {
                    walk.malformed.push(self.malformed(place, bits, Defect::TooManyTables));
                    return ControlFlow::Break(());
                }
                Reading::Pointer { target } => {
                    met.insert(target);
                    let below = Table { address: target, level: level - 1, base: place.low() };
                    self.walk_table(below, read, walk, met)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Walks the entries of level 0 for 64 KiB, which map them together or each for itself.
    fn walk_group(self, entries: &[(Place, u64)], walk: &mut Walk) {
        let mut leaves = Vec::new();
        let mut together = None;
        for &(place, bits) in entries {
            match self.reading(place, bits) {
                Reading::Invalid | Reading::Pointer { .. } => {}
                Reading::Leaf(leaf) => {
                    if leaf.size != leaf_size(0) {
                        together.get_or_insert((leaf, bits));
                    }
                    leaves.push(leaf);
                }
                Reading::Malformed(malformed) => walk.malformed.push(malformed),
            }
        }
        let Some((leaf, wanted)) = together else {
            walk.leaves.extend(leaves);
            return;
        };
        // None of the leaves of a broken group is sound: an entry with N, once cached, serves the
        // addresses of all.
        match entries.iter().find(|(_, bits)| *bits != wanted) {
            None => walk.leaves.push(leaf),
            Some(&(place, bits)) => walk.malformed.push(self.malformed(place, bits, Defect::BrokenGroup)),
        }
    }
}

/// Bytes that an entry in a table of `level` serves.
fn leaf_size(level: u32) -> u64 {
    4096 << (9 * level)
}
