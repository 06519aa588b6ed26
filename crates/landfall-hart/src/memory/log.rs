//! The log of stores: what may still be seen of the time before them.

/// The number of stores that the log holds. Older ones are visible to all.
const CAPACITY: usize = 1 << 18;
/// The number of stores of one frame that a search looks through.
const SEARCH: usize = 512;

/// A store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// The physical address of the word.
    pub(crate) word: u64,
    /// What the word held before.
    pub(crate) old: u64,
    /// The time of the previous store into the same frame.
    pub(super) previous: u64,
    /// The hart that stored.
    pub(crate) hart: usize,
    /// The address of the instruction that stored.
    pub(crate) pc: u64,
}

/// The stores of the recent past, a ring by time.
#[derive(Debug)]
pub(super) struct Log {
    kept: bool,
    ring: Vec<Entry>,
    newest: u64,
}

impl Log {
    /// Returns an empty log; one that is not kept stays empty.
    pub(super) const fn new(kept: bool) -> Self {
        Self { kept, ring: Vec::new(), newest: 0 }
    }

    #[inline]
    pub(super) const fn is_kept(&self) -> bool {
        self.kept
    }

    pub(super) fn push(&mut self, time: u64, entry: Entry) {
        // Times begin with 1 and have no gaps while the log is kept.
        if self.ring.len() < CAPACITY {
            self.ring.push(entry);
        } else {
            self.ring[slot(time)] = entry;
        }
        self.newest = time;
    }

    /// Returns the stores to a word that are newer than `floor`, the newest first, with their times.
    ///
    /// `last` is the time of the last store into the word's frame.
    pub(super) fn newer(&self, word: u64, last: u64, floor: u64) -> impl Iterator<Item = (u64, Entry)> {
        let oldest = self.newest.saturating_sub(CAPACITY as u64 - 1);
        let floor = floor.max(oldest.saturating_sub(1));
        let mut time = last;
        std::iter::from_fn(move || {
            if time <= floor {
                return None;
            }
            let entry = *self.ring.get(slot(time))?;
            let at = std::mem::replace(&mut time, entry.previous);
            Some((at, entry))
        })
        .take(SEARCH)
        .filter(move |(_, entry)| entry.word == word)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the remainder is less than the capacity")]
const fn slot(time: u64) -> usize {
    ((time - 1) % CAPACITY as u64) as usize
}
