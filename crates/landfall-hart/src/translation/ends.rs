//! A walk, the values that it may find in an entry, and its ends.

use crate::liberty::Liberty;

/// The number of ends that a walk is followed to.
pub(super) const ENDS: usize = 8;

/// The end of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// The entry: a leaf or an invalid one; `None` where no memory is.
    pub(super) entry: Option<u64>,
    /// Its physical address.
    pub(super) address: u64,
    /// Its level, 0 for pages.
    pub(super) level: u32,
    /// An entry of the path is global.
    pub(super) global: bool,
    /// The last stale entry of the path.
    pub(super) stale: Option<Stale>,
}

/// A stale entry that a walk used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stale {
    pub(super) liberty: Liberty,
    pub(super) word: u64,
    pub(super) used: u64,
    pub(super) present: u64,
    pub(super) writer: usize,
    pub(super) writer_pc: u64,
}

/// The ends of a walk; the first is that of the present entries.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ends {
    ends: [Option<End>; ENDS],
    count: usize,
}

impl Ends {
    pub(super) fn add(&mut self, end: End) {
        let is_known = self.iter().any(|known| known.entry == end.entry && known.level == end.level);
        if !is_known && self.count < ENDS {
            self.ends[self.count] = Some(end);
            self.count += 1;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &End> {
        self.ends[..self.count].iter().flatten()
    }

    pub(super) const fn len(&self) -> usize {
        self.count
    }
}

/// A walk in progress.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk {
    pub(super) address: u64,
    pub(super) asid: u64,
    pub(super) table: u64,
    pub(super) level: u32,
    /// The level of the root.
    pub(super) top: u32,
    /// Entries are read from this time on.
    pub(super) from: u64,
    /// The time since which the hart holds the root.
    pub(super) held: u64,
    /// Entries of the root are read until this time. A pointer that was read until then leads into
    /// memory's present contents.
    pub(super) to: u64,
    pub(super) global: bool,
    pub(super) stale: Option<Stale>,
}

/// A value that an entry may have for a walk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) value: u64,
    /// The time since which it stands in memory.
    pub(super) born: u64,
    pub(super) stale: Option<Stale>,
}

/// Returns the first and last page that an entry of a level translates.
pub(super) const fn pages(address: u64, level: u32) -> (u64, u64) {
    let page = address >> 12;
    let mask = (1 << (9 * level)) - 1;
    (page & !mask, page | mask)
}
