//! The translation caches of one hart, and what they count.

use super::bank::Bank;
use super::{Access, BankShape, Fence, Geometry, Holds, Kind, LeafSize, Replacement};

/// The counts of a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Fetches of instructions.
    pub fetches: u64,
    /// Loads and stores.
    pub data: u64,
    /// Accesses that missed the first level.
    pub first_misses: u64,
    /// Accesses that missed both levels; each is a walk.
    pub second_misses: u64,
    /// Entries of page tables that walks have read from memory.
    pub walk_reads: u64,
}

impl Counts {
    /// Returns the number of accesses.
    #[must_use]
    pub const fn accesses(&self) -> u64 {
        self.fetches + self.data
    }
}

/// The translation caches of one hart.
#[derive(Clone, Debug)]
pub struct Model {
    instruction: Vec<Bank>,
    data: Vec<Bank>,
    second: Vec<Bank>,
    /// Pointers to tables, by the address of their entry.
    pointers: Option<Bank>,
    counts: Counts,
}

/// The size under which the cache of pointers holds an entry.
const POINTER: LeafSize = LeafSize::K4;

impl Model {
    /// Returns empty caches. The seed decides about replacement at random.
    #[must_use]
    pub fn new(geometry: &Geometry, seed: u64) -> Self {
        let mut seed = seed;
        let mut banks = |shapes: &[BankShape]| {
            let next = |shape: &BankShape| {
                seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
                Bank::new(*shape, seed)
            };
            shapes.iter().map(next).collect()
        };
        let pointers = BankShape {
            sets: 1,
            ways: geometry.pointers.max(1),
            sectors: 1,
            replacement: Replacement::TreeLru,
            holds: &[Holds { leaf: POINTER, entry: POINTER }],
        };
        Self {
            instruction: banks(geometry.instruction),
            data: banks(geometry.data),
            second: banks(geometry.second),
            pointers: (geometry.pointers > 0).then(|| Bank::new(pointers, 0)),
            counts: Counts::default(),
        }
    }

    /// Translates an access, and counts.
    pub fn access(&mut self, access: &Access) {
        let first = if access.kind == Kind::Fetch {
            self.counts.fetches += 1;
            &mut self.instruction
        } else {
            self.counts.data += 1;
            &mut self.data
        };
        let (address, leaf, is_global) = (access.address, access.walk.leaf(), access.walk.is_global());
        if first.iter_mut().any(|bank| bank.hit(address, leaf)) {
            return;
        }
        self.counts.first_misses += 1;
        for bank in first {
            bank.fill(address, leaf, is_global);
        }
        if self.second.iter_mut().any(|bank| bank.hit(address, leaf)) {
            return;
        }
        self.counts.second_misses += 1;
        for bank in &mut self.second {
            bank.fill(address, leaf, is_global);
        }
        self.walk(access.walk.reads());
    }

    /// Removes what a fence covers. A fence with an address keeps pointers to tables.
    pub fn fence(&mut self, fence: Fence) {
        for bank in [&mut self.instruction, &mut self.data, &mut self.second].into_iter().flatten() {
            bank.remove(fence.address, fence.asid.is_some());
        }
        if let (Some(pointers), None) = (&mut self.pointers, fence.address) {
            pointers.remove(None, false);
        }
    }

    /// Returns the counts.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Counts the entries that a walk reads from memory. The leaf is always read.
    fn walk(&mut self, reads: &[u64]) {
        self.counts.walk_reads += 1;
        for entry in &reads[..reads.len() - 1] {
            // Entries have 8 bytes each, so the number of an entry counts as that of a page.
            let address = entry >> 3 << POINTER.bits();
            if self.pointers.as_mut().is_some_and(|pointers| pointers.hit(address, POINTER)) {
                continue;
            }
            self.counts.walk_reads += 1;
            if let Some(pointers) = &mut self.pointers {
                pointers.fill(address, POINTER, true);
            }
        }
    }
}
