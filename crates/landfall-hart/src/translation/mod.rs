//! Page-table walks, and the earlier entries that a hart may still use.
//!
//! ```text
//! quick       translations with one possible result: a table that only makes the simulator fast
//! fence       what a hart's fences have covered
//! invalidate  fences in three parts (Svinval)
//! ends        a walk and its ends
//! past        the values that an entry may have for a walk
//! explore     all entries that a walk may end in, present and past
//! walk        chooses one of them, checks it, and sets A and D
//! ```
//!
//! A hart may keep each entry that a walk from its root can reach, until a fence covers it. So a
//! walk may use, at each level, each value that the entry had since then. No cache is filled: the
//! past of each table is kept, and the fences of each hart.

mod ends;
mod explore;
mod fence;
mod invalidate;
mod past;
mod quick;
mod walk;

pub(crate) use fence::{Cover, Ordered};

use fence::Fences;
use invalidate::Invalidations;
use quick::Quick;

/// The number of earlier roots whose translations a hart keeps.
const HOLDS: usize = 16;

/// The earlier page-table entries that a hart may still use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Translations {
    /// The quick table.
    quick: Quick,
    /// The roots that the hart has held; the present one is last.
    holds: Vec<Hold>,
    /// The hart's fences.
    fences: Fences,
    /// Its invalidations that are no fences yet.
    invalidations: Invalidations,
}

/// The time in which a hart held a value of `satp`.
#[derive(Clone, Copy, Debug)]
struct Hold {
    satp: u64,
    /// The time at which it began.
    from: u64,
    /// The time at which it ended, and the hart's fences until then; none for the present one.
    ended: Option<(u64, u64)>,
}

impl Translations {
    /// Follows a change of `satp` at a time.
    pub(crate) fn change_root(&mut self, satp: u64, time: u64) {
        self.quick.forget();
        let fences = self.fences.count();
        if let Some(present) = self.holds.last_mut()
            && present.ended.is_none()
        {
            if present.satp == satp {
                return;
            }
            present.ended = Some((time, fences));
        }
        if mode(satp) != 0 {
            if self.holds.len() == HOLDS {
                self.holds.remove(0);
            }
            self.holds.push(Hold { satp, from: time, ended: None });
        }
    }

    /// Follows a fence.
    pub(crate) fn fence(&mut self, cover: Cover) {
        let number = self.fences.number();
        self.cover(cover, number);
    }

    fn cover(&mut self, cover: Cover, number: u64) {
        self.quick.forget();
        self.fences.add(cover, number);
        if cover.address.is_none() && cover.asid.is_none() {
            self.holds.retain(|hold| hold.ended.is_none_or(|(_, fences)| fences >= number));
        }
    }

    /// Returns true if an address is valid in the mode of a value of `satp`.
    pub(crate) const fn is_valid(satp: u64, address: u64) -> bool {
        match levels(satp) {
            None => true,
            Some(levels) => is_canonical(levels, address),
        }
    }
}

/// Returns the mode field of a value of `satp`.
const fn mode(satp: u64) -> u64 {
    satp >> 60
}

/// Returns the ASID field of a value of `satp`.
const fn asid(satp: u64) -> u64 {
    satp >> 44 & 0xffff
}

/// Returns the physical address of the root.
const fn root(satp: u64) -> u64 {
    (satp & ((1 << 44) - 1)) << 12
}

/// Returns the number of levels of a mode; `None` for Bare.
const fn levels(satp: u64) -> Option<u32> {
    match mode(satp) {
        8 => Some(3),
        9 => Some(4),
        10 => Some(5),
        _ => None,
    }
}

/// Returns true if the bits above the width of the mode repeat the bit below them.
const fn is_canonical(levels: u32, address: u64) -> bool {
    let above = 64 - (12 + 9 * levels);
    (address << above).cast_signed() >> above == address.cast_signed()
}
