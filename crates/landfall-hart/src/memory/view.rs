//! The stores of all harts that one hart must see.

use super::buffer::Buffer;
use super::known::Known;

/// The number of words whose last read a view remembers.
const WORDS: usize = 32;

/// The stores that a hart must see, and its own ones that others may not see yet.
///
/// The names follow Promising-RISC-V, whose views these are.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// Loads see each store up to this time (vrNew): fences and acquires raise it.
    pub(crate) bound: u64,
    /// The latest time that an earlier load comes after (vrOld).
    pub(crate) read: u64,
    /// The latest time that an earlier annotated AMO, LR or SC comes after (vRel): annotated ones
    /// keep their order.
    pub(crate) annotated: u64,
    /// The newest store of the hart's own that memory has performed (vwOld).
    pub(crate) wrote: u64,
    /// The newest store that a fence has put before later device output, and so before messages.
    pub(crate) output: u64,
    /// Fetches see these stores.
    pub(crate) fetch: Known,
    /// The frame of the hart's entry, which it fetched fresh, and the time.
    pub(crate) fresh: Option<(u64, u64)>,
    /// The view of each register: the newest store that its value depends on.
    pub(crate) registers: [u64; 32],
    /// The view of the registers that the present instruction reads.
    pub(crate) operand: u64,
    /// The view of the register that the present instruction writes.
    pub(crate) result: u64,
    /// The stores that wait.
    pub(crate) buffer: Buffer,
    /// The words that were read lately, and for each byte the time of the store that was seen.
    seen: Vec<(u64, [u64; 8])>,
}

impl View {
    /// Notes that the present instruction is a load that comes after a time.
    ///
    /// It also comes after the loads that its address depends on.
    pub(crate) fn has_read(&mut self, time: u64) {
        self.result = self.operand.max(time);
        self.read = self.read.max(self.result);
    }

    /// Returns the stores that fetches from a frame see.
    #[inline]
    pub(crate) fn fetched(&self, base: u64) -> Known {
        match self.fresh {
            Some((entry, time)) if entry == base => {
                Known { own: self.fetch.own.max(time), others: self.fetch.others.max(time) }
            }
            _ => self.fetch,
        }
    }

    /// Returns the time of the latest store that the hart saw in bytes of a word, or 0. `mask` has
    /// the bytes, as bits of the word.
    pub(crate) fn seen(&self, word: u64, mask: u64) -> u64 {
        let seen = self.seen.iter().find(|(seen, _)| *seen == word);
        let times = seen.into_iter().flat_map(|(_, times)| times.iter().zip(in_mask(mask)));
        times.filter(|&(_, is_in)| is_in).map(|(&time, _)| time).max().unwrap_or(0)
    }

    /// Notes that the hart saw a store in bytes of a word.
    pub(crate) fn see(&mut self, word: u64, mask: u64, time: u64) {
        let at = self.seen.iter().position(|(seen, _)| *seen == word).unwrap_or_else(|| {
            if self.seen.len() == WORDS {
                // To forget a word is permitted if all of its times must be seen from now on.
                let (_, times) = self.seen.remove(0);
                self.bound = times.into_iter().fold(self.bound, u64::max);
            }
            self.seen.push((word, [0; 8]));
            self.seen.len() - 1
        });
        for (seen, is_in) in self.seen[at].1.iter_mut().zip(in_mask(mask)) {
            if is_in {
                *seen = time.max(*seen);
            }
        }
    }
}

/// Returns for each byte of a word whether the mask has it.
fn in_mask(mask: u64) -> impl Iterator<Item = bool> {
    mask.to_le_bytes().into_iter().map(|byte| byte != 0)
}
