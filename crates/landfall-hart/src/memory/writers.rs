//! The last writers of a piece of memory.

use super::{Known, LOADER};

/// The writer of stores that the log holds no longer: no hart's own.
const FORGOTTEN: usize = LOADER - 1;

/// The last writer, and the times of the last stores by it and by all others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writers {
    last: usize,
    time: u64,
    other_time: u64,
}

impl Writers {
    /// No writer since entry.
    pub(super) const NONE: Self = Self { last: LOADER, time: 0, other_time: 0 };

    /// Returns those of a piece whose stores up to a time may be of any hart.
    pub(super) const fn forgotten(time: u64) -> Self {
        Self { last: FORGOTTEN, time, other_time: time }
    }

    /// Notes a store, the newest one.
    #[inline]
    pub(super) const fn note(&mut self, hart: usize, time: u64) {
        if self.last != hart {
            self.other_time = self.time;
            self.last = hart;
        }
        self.time = time;
    }

    /// Returns the time of the last store.
    #[inline]
    pub(super) const fn time(&self) -> u64 {
        self.time
    }

    /// Returns the time of the last store by any other hart.
    #[inline]
    pub(super) const fn last_by_others(&self, hart: usize) -> u64 {
        if self.last == hart { self.other_time } else { self.time }
    }

    /// Returns true if the hart knew of each store.
    #[inline]
    pub(super) const fn are_known(&self, hart: usize, known: Known) -> bool {
        self.time <= known.own && self.last_by_others(hart) <= known.others
    }
}
