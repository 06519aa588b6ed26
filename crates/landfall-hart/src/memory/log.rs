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
    /// The bytes that were stored, as bits of the word.
    pub(crate) mask: u64,
    /// The word's value before.
    pub(crate) old: u64,
    /// The time of the previous store into the same frame.
    pub(super) previous: u64,
    /// The hart that stored.
    pub(crate) hart: usize,
    /// The address of the instruction that stored.
    pub(crate) pc: u64,
    /// The time that the writer's own loads of the value come after.
    pub(crate) carried: u64,
    /// The instructions that the hart had retired before it.
    pub(super) issued: u64,
    /// The number of instructions that all harts had executed by then.
    pub(super) at: u64,
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

    /// Returns the stores into a frame, the newest first, with their times. The second value is the
    /// time of the newest one that the log holds no longer, or 0.
    ///
    /// `last` is the time of the last store into the frame.
    pub(super) fn of_frame(&self, last: u64) -> (Vec<(u64, Entry)>, u64) {
        let forgotten = self.newest.saturating_sub(CAPACITY as u64);
        let (mut time, mut stores) = (last, Vec::new());
        while time > forgotten
            && let Some(entry) = self.ring.get(slot(time))
        {
            stores.push((time, *entry));
            time = entry.previous;
        }
        (stores, time)
    }

    /// Returns the stores to bytes of a word that are newer than `floor`, the newest first, with
    /// their times.
    ///
    /// `last` is the time of the last store into the word's frame.
    pub(super) fn newer(&self, (word, mask): (u64, u64), last: u64, floor: u64) -> Newer<'_> {
        let oldest = self.newest.saturating_sub(CAPACITY as u64 - 1);
        let floor = floor.max(oldest.saturating_sub(1));
        Newer { log: self, word, mask, floor, time: last, left: SEARCH }
    }
}

/// The stores to bytes of a word that are newer than a time, the newest first.
#[derive(Debug)]
pub(crate) struct Newer<'a> {
    log: &'a Log,
    word: u64,
    mask: u64,
    floor: u64,
    /// The time of the next store into the frame.
    time: u64,
    /// The number of stores that are searched yet.
    left: usize,
}

impl Newer<'_> {
    /// Returns the time that all stores which the search has left out are not newer than, or 0.
    pub(crate) const fn left_out(&self) -> u64 {
        if self.time > self.floor { self.time } else { 0 }
    }
}

impl Iterator for Newer<'_> {
    type Item = (u64, Entry);

    fn next(&mut self) -> Option<Self::Item> {
        while self.time > self.floor && self.left > 0 {
            let entry = *self.log.ring.get(slot(self.time))?;
            let time = std::mem::replace(&mut self.time, entry.previous);
            self.left -= 1;
            if entry.word == self.word && entry.mask & self.mask != 0 {
                return Some((time, entry));
            }
        }
        None
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the remainder is less than the capacity")]
const fn slot(time: u64) -> usize {
    ((time - 1) % CAPACITY as u64) as usize
}
