//! Seeds that a boot loader hands over in `/chosen`: `kaslr-seed` (8 bytes) and `rng-seed` (any
//! number of bytes).
//!
//! A tree may have several of each. All are used, and all are deleted from the tree, so that a
//! later reader cannot compute the addresses. A tree without its seeds has no gaps of NOP tokens:
//! published parsers stop at one before the end of a node.

use core::iter;

use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::randomness::SeedSource;
use landfall_plan::{Facts, Refusal};

use super::blocks::offset_in;
use super::entropy::Entropy;
use super::text::base_name;
use super::tokens::Tokens;
use super::tree::Tree;

/// The most seeds in a tree.
pub const MAX_SEEDS: usize = 8;

/// Bytes of a property before its value: token, size and name (devicetree specification v0.4,
/// 5.4.1).
const HEADER: usize = 12;
/// The header's field `off_dt_struct`.
const STRUCTURE_AT: usize = 0x08;
/// The header's field `size_dt_struct`.
const STRUCTURE_SIZE: usize = 0x24;

/// The place of a seed in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    source: SeedSource,
    /// Bytes from the tree's start to the value.
    value: usize,
    size: usize,
}

impl Place {
    const NONE: Self = Self { source: SeedSource::KASLR_SEED, value: 0, size: 0 };

    fn value(self, tree: &[u8]) -> &[u8] {
        tree.get(self.value..).and_then(|rest| rest.get(..self.size)).unwrap_or_default()
    }

    const fn start(self) -> usize {
        self.value.saturating_sub(HEADER)
    }

    const fn end(self) -> usize {
        self.value.saturating_add(self.size).next_multiple_of(4)
    }
}

/// The seeds of a tree, in its order. [`Tree::read`](super::Tree::read) and
/// [`Tree::seeds`](super::Tree::seeds) find them.
#[derive(Clone, Copy, Debug)]
pub struct Seeds {
    places: [Place; MAX_SEEDS],
    count: usize,
}

impl Default for Seeds {
    fn default() -> Self {
        Self { places: [Place::NONE; MAX_SEEDS], count: 0 }
    }
}

impl Seeds {
    /// Adds a seed, whose value begins `value` bytes into the tree.
    pub(super) fn add(&mut self, source: SeedSource, value: usize, size: usize) -> Result<(), Refusal> {
        let Some(place) = self.places.get_mut(self.count) else {
            return Err(Refusal::BadTree { offset: value, what: "it has more than 8 seeds" });
        };
        *place = Place { source, value, size };
        self.count += 1;
        Ok(())
    }

    fn places(&self) -> &[Place] {
        self.places.get(..self.count).unwrap_or_default()
    }

    /// Returns true if the tree has no seeds.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns the values from one source. One that repeats or has only zeros is left out: it adds
    /// no entropy.
    pub fn values<'a>(&'a self, tree: &'a [u8], source: SeedSource) -> impl Iterator<Item = &'a [u8]> {
        let own = self.places().iter().filter(move |place| place.source == source);
        own.clone().enumerate().filter_map(move |(index, place)| {
            let value = place.value(tree);
            let is_zero = value.iter().all(|byte| *byte == 0);
            let repeats = own.clone().take(index).any(|before| before.value(tree) == value);
            (!is_zero && !repeats).then_some(value)
        })
    }

    /// Returns the entropy of the seeds and of `hart`, random bytes of the hart's own generator,
    /// and deletes the seeds from `tree`. Returns `None` if there are no seeds, or only zeros,
    /// which some loaders leave behind.
    ///
    /// `tree` and `facts` are those that the seeds were read from. The command line moves with the
    /// bytes behind the seeds.
    #[must_use]
    pub fn take(&self, tree: &mut [u8], facts: &mut Facts, hart: &[u8]) -> Option<Entropy> {
        let of = |source| self.values(tree, source).map(move |value| (source, value));
        let seeds = of(SeedSource::KASLR_SEED).chain(of(SeedSource::RNG_SEED));
        let entropy = Entropy::mix(seeds.chain(iter::once((SeedSource::ZKR, hart))));
        facts.command_line = self.moved(facts.command_line, facts.tree.start());
        self.delete(tree);
        entropy
    }

    /// Deletes the seeds from `tree`, as libfdt's `fdt_delprop` does: the rest of the structure
    /// block moves down, and zeros fill the gap at its end. Computes nothing. Of a tree that cannot
    /// be theirs, nothing changes.
    pub fn delete(&self, tree: &mut [u8]) {
        let Some(end) = structure_end(tree) else { return };
        let places = self.places();
        let starts = places.iter().skip(1).map(|place| place.start()).chain([end]);
        let are_theirs = places.iter().zip(starts.clone()).all(|(place, next)| place.end() <= next);
        let Some(first) = places.first().filter(|_| are_theirs) else { return };
        let mut to = first.start();
        for (place, next) in places.iter().zip(starts) {
            tree.copy_within(place.end()..next, to);
            to += next - place.end();
        }
        if let Some(gap) = tree.get_mut(to..end) {
            gap.fill(0);
        }
        if let Some(size) = tree.get_mut(STRUCTURE_SIZE..).and_then(|field| field.first_chunk_mut()) {
            let old = u32::from_be_bytes(*size);
            *size = old.wrapping_sub(u32::try_from(end - to).unwrap_or(0)).to_be_bytes();
        }
    }

    /// Returns the place of `range`, which lies in the tree at `tree`, after the seeds have been
    /// deleted.
    fn moved(&self, range: PhysRange, tree: PhysAddr) -> PhysRange {
        let offset = range.start().wrapping_offset_from(tree);
        let before = self.places().iter().filter(|place| (place.value as u64) < offset);
        let deleted: usize = before.map(|place| place.end() - place.start()).sum();
        PhysRange::new(range.start().wrapping_add((deleted as u64).wrapping_neg()), range.size())
    }
}

impl Tree<'_> {
    /// Finds the seeds alone.
    ///
    /// # Errors
    /// Rule 6: there are more than [`MAX_SEEDS`].
    pub fn seeds(self) -> Result<Seeds, Refusal> {
        let mut seeds = Seeds::default();
        let children = Tokens::root(self).children();
        for (_, chosen) in children.filter(|(name, _)| base_name(name) == "chosen") {
            for (name, value) in chosen.properties() {
                let source = match name {
                    "kaslr-seed" => SeedSource::KASLR_SEED,
                    "rng-seed" => SeedSource::RNG_SEED,
                    _ => continue,
                };
                seeds.add(source, offset_in(self.bytes(), value), value.len())?;
            }
        }
        Ok(seeds)
    }
}

/// Returns the end of a tree's structure block, if it lies in the tree.
fn structure_end(tree: &[u8]) -> Option<usize> {
    let word = |field: usize| {
        let word = tree.get(field..)?.first_chunk()?;
        Some(u32::from_be_bytes(*word) as usize)
    };
    let end = word(STRUCTURE_AT)?.checked_add(word(STRUCTURE_SIZE)?)?;
    (end <= tree.len()).then_some(end)
}
