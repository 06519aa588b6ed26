//! Seeds that a boot loader hands over in `/chosen`: `kaslr-seed` (8 bytes) and `rng-seed` (any
//! number of bytes).
//!
//! A tree may have several of each. All are used, and all are deleted from the tree, so that a
//! later reader cannot compute the addresses. A tree without its seeds has no gaps of NOP tokens:
//! published parsers stop at one before the end of a node.

use core::iter;
use core::ops::Range;

use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::randomness::SeedSource;
use landfall_plan::{Facts, Refusal};

use super::blocks::offset_in;
use super::entropy::Entropy;
use super::text::base_name;
use super::token::Word as _;
use super::tokens::Tokens;
use super::tree::Tree;

/// The most seeds in a tree.
pub const MAX_SEEDS: usize = 8;

/// Bytes of a property before its value: token, size and name (devicetree specification v0.4,
/// 5.4.1).
const HEADER: usize = 12;
/// Bytes from the size in that header to the value.
const SIZE_BEFORE_VALUE: usize = 8;
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
    fn value(self, tree: &[u8]) -> &[u8] {
        tree.get(self.value..).and_then(|rest| rest.get(..self.size)).unwrap_or_default()
    }

    const fn start(self) -> usize {
        self.value.saturating_sub(HEADER)
    }

    const fn end(self) -> usize {
        self.value.saturating_add(self.size).saturating_add(3) & !3
    }
}

/// The seeds of a tree, in its order. [`Tree::read`](super::Tree::read) and
/// [`Tree::seeds`](super::Tree::seeds) find them.
// It is handed on by value several times, so it holds no more than the tree does not.
#[derive(Clone, Copy, Debug)]
pub struct Seeds {
    /// Bytes from the tree's start to each value.
    values: [u32; MAX_SEEDS],
    sources: [SeedSource; MAX_SEEDS],
    count: u8,
}

impl Default for Seeds {
    fn default() -> Self {
        Self { values: [0; MAX_SEEDS], sources: [SeedSource::KASLR_SEED; MAX_SEEDS], count: 0 }
    }
}

impl Seeds {
    /// Adds a seed, whose value begins `value` bytes into the tree.
    pub(super) fn add(&mut self, source: SeedSource, value: usize) -> Result<(), Refusal> {
        let index = usize::from(self.count);
        let (Some(value_at), Some(source_at), Ok(at)) =
            (self.values.get_mut(index), self.sources.get_mut(index), u32::try_from(value))
        else {
            return Err(Refusal::BadTree { offset: value, what: "it has more than 8 seeds" });
        };
        (*value_at, *source_at) = (at, source);
        self.count += 1;
        Ok(())
    }

    /// Returns the place of the seed with this number. The property's header has its size.
    fn place(&self, tree: &[u8], index: usize) -> Option<Place> {
        let value = *self.values.get(..usize::from(self.count))?.get(index)? as usize;
        let size = word(tree, value.wrapping_sub(SIZE_BEFORE_VALUE)).unwrap_or_default();
        Some(Place { source: *self.sources.get(index)?, value, size })
    }

    fn places<'a>(&'a self, tree: &'a [u8]) -> impl Iterator<Item = Place> + Clone + 'a {
        (0..MAX_SEEDS).map_while(|index| self.place(tree, index))
    }

    /// Returns true if the tree has no seeds.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns the values from one source. One that repeats or has only zeros is left out: it adds
    /// no entropy.
    pub fn values<'a>(&'a self, tree: &'a [u8], source: SeedSource) -> impl Iterator<Item = &'a [u8]> {
        let own = self.places(tree).filter(move |place| place.source == source);
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
        self.take_with(tree, facts, hart, <[u8]>::copy_within)
    }

    /// Does the same as [`Seeds::take`], with a move of the caller's: bytes of the tree from a
    /// range to a lower place, as [`slice::copy_within`] does. In a tree at a multiple of 4, the
    /// bounds of both are multiples of 4.
    #[must_use]
    pub fn take_with(
        &self,
        tree: &mut [u8],
        facts: &mut Facts,
        hart: &[u8],
        move_down: impl FnMut(&mut [u8], Range<usize>, usize),
    ) -> Option<Entropy> {
        let of = |source| self.values(tree, source).map(move |value| (source, value));
        let seeds = of(SeedSource::KASLR_SEED).chain(of(SeedSource::RNG_SEED));
        let entropy = Entropy::mix(seeds.chain(iter::once((SeedSource::ZKR, hart))));
        facts.command_line = self.moved(tree, facts.command_line, facts.tree.start());
        self.delete_with(tree, move_down);
        entropy
    }

    /// Deletes the seeds from `tree`, as libfdt's `fdt_delprop` does: the rest of the structure
    /// block moves down, and zeros fill the gap at its end. Computes nothing. Of a tree that cannot
    /// be theirs, nothing changes.
    pub fn delete(&self, tree: &mut [u8]) {
        self.delete_with(tree, <[u8]>::copy_within);
    }

    fn delete_with(&self, tree: &mut [u8], mut move_down: impl FnMut(&mut [u8], Range<usize>, usize)) {
        let Some(end) = structure_end(tree) else { return };
        let next = |tree: &[u8], index| self.place(tree, index + 1).map_or(end, Place::start);
        let ends_before_next = |(index, place): (usize, Place)| place.end() <= next(tree, index);
        let are_theirs = self.places(tree).enumerate().all(ends_before_next);
        let Some(first) = self.place(tree, 0).filter(|_| are_theirs) else { return };
        let mut to = first.start();
        // Bytes move down, up to the next seed, so its header is where it was.
        let mut index = 0;
        while let Some(place) = self.place(tree, index) {
            let next = next(tree, index);
            move_down(tree, place.end()..next, to);
            to += next - place.end();
            index += 1;
        }
        if let Some(gap) = tree.get_mut(to..end) {
            gap.fill(0);
        }
        if let Some(size) = tree.get_mut(STRUCTURE_SIZE..).and_then(|field| field.first_chunk_mut()) {
            let old = u32::from_be_bytes(*size);
            *size = old.wrapping_sub(u32::try_from(end - to).unwrap_or(0)).to_be_bytes();
        }
    }

    /// Returns the place of `range`, which lies in the tree at `at`, after the seeds have been
    /// deleted.
    fn moved(&self, tree: &[u8], range: PhysRange, at: PhysAddr) -> PhysRange {
        let offset = range.start().wrapping_offset_from(at);
        let before = self.places(tree).filter(|place| (place.value as u64) < offset);
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
                seeds.add(source, offset_in(self.bytes(), value))?;
            }
        }
        Ok(seeds)
    }
}

/// Returns the end of a tree's structure block, if it lies in the tree.
fn structure_end(tree: &[u8]) -> Option<usize> {
    let end = word(tree, STRUCTURE_AT)?.checked_add(word(tree, STRUCTURE_SIZE)?)?;
    (end <= tree.len()).then_some(end)
}

/// Returns the number in the word that lies `at` bytes into a tree.
fn word(tree: &[u8], at: usize) -> Option<usize> {
    tree.get(at..).and_then(<[u8]>::first_chunk).map(<[u8; 4]>::number)
}
