//! A hash table whose buckets lie in all free memory.
//!
//! Memory is not cleared: a slot is used if its second word is the seal of its first.

use crate::grounds::Grounds;
use crate::random::{mix, scale};

/// The bytes of a bucket.
const BUCKET: usize = 64;
/// The words of a slot: key, seal, value, and one that nothing uses.
const SLOT: usize = 4;
const SLOTS: usize = BUCKET / 8 / SLOT;
const BUCKETS: u64 = 4096 / BUCKET as u64;

/// A hash table. Its keys are 0, 1, 2 and so on.
#[derive(Debug)]
pub(crate) struct Table<'g> {
    grounds: &'g Grounds,
    pages: u64,
    seed: u64,
    keys: u64,
}

impl<'g> Table<'g> {
    pub(crate) fn new(grounds: &'g Grounds, seed: u64) -> Self {
        Self { grounds, pages: grounds.pages(), seed: mix(seed), keys: 0 }
    }

    /// Puts a value, and returns its key.
    pub(crate) fn put(&mut self, value: u64) -> u64 {
        loop {
            let key = self.keys;
            self.keys += 1;
            for slot in self.slots(key) {
                // SAFETY: the slot is in a page of the table's, which nothing else uses.
                unsafe {
                    if slot.add(1).read_volatile() == self.seal(slot.read_volatile()) {
                        continue;
                    }
                    slot.write_volatile(key);
                    slot.add(1).write_volatile(self.seal(key));
                    slot.add(2).write_volatile(value);
                }
                return key;
            }
        }
    }

    /// Returns the value of a key.
    pub(crate) fn get(&self, key: u64) -> Option<u64> {
        self.slots(key).find_map(|slot| {
            // SAFETY: as above.
            unsafe {
                let is_it = slot.read_volatile() == key && slot.add(1).read_volatile() == self.seal(key);
                is_it.then(|| slot.add(2).read_volatile())
            }
        })
    }

    fn slots(&self, key: u64) -> impl Iterator<Item = *mut u64> + use<> {
        let hash = mix(key ^ self.seed);
        let bucket = scale(hash, self.pages * BUCKETS);
        let page = self.grounds.table_page(bucket / BUCKETS);
        let first = (bucket % BUCKETS) as usize * (BUCKET / 8);
        (0..SLOTS).map(move |slot| page.wrapping_add(first + slot * SLOT))
    }

    const fn seal(&self, key: u64) -> u64 {
        mix(key.rotate_left(32) ^ self.seed)
    }
}
