//! The description of a part's translation caches.

use super::{LeafSize, Replacement};

/// The translation caches of a part.
#[derive(Clone, Copy, Debug)]
pub struct Geometry {
    /// The part's name.
    pub name: &'static str,
    /// The first level for fetches.
    pub instruction: &'static [BankShape],
    /// The first level for loads and stores.
    pub data: &'static [BankShape],
    /// The second level, for all accesses.
    pub second: &'static [BankShape],
    /// The entries of the cache of pointers to tables; 0 without one. It is fully associative.
    pub pointers: usize,
    /// The numbers, each with its source.
    pub facts: &'static [Fact],
}

/// One cache of translations.
#[derive(Clone, Copy, Debug)]
pub struct BankShape {
    /// The number of sets, a power of two.
    pub sets: usize,
    /// The entries of a set.
    pub ways: usize,
    /// The neighboring pages that share one entry, a power of two up to 8.
    pub sectors: u32,
    /// The rule by which an entry is replaced.
    pub replacement: Replacement,
    /// The leaves that it holds; a leaf of another size is never held.
    pub holds: &'static [Holds],
}

/// The entries of a cache for the leaves of one size.
#[derive(Clone, Copy, Debug)]
pub struct Holds {
    /// The size of the leaf.
    pub leaf: LeafSize,
    /// The part of it that one entry translates.
    pub entry: LeafSize,
}

/// A property of a part.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// The property.
    pub what: &'static str,
    /// Its source.
    pub source: Source,
}

/// The source of a property.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// It is published there.
    Published(&'static str),
    /// No source that was read states it; this is the reason for the assumption.
    Assumed(&'static str),
}

impl Geometry {
    /// Returns true if the first level holds leaves of a size.
    ///
    /// Each access by another leaf is a miss. So a part without Svnapot says nothing about leaves
    /// of 64 KiB.
    #[must_use]
    pub fn holds(&self, leaf: LeafSize) -> bool {
        [self.instruction, self.data].iter().all(|banks| banks.iter().any(|bank| bank.entry(leaf).is_some()))
    }

    /// Returns the properties that are assumed, each with the reason.
    pub fn assumed(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.facts.iter().filter_map(|fact| match fact.source {
            Source::Assumed(reason) => Some((fact.what, reason)),
            Source::Published(_) => None,
        })
    }
}

impl BankShape {
    /// Returns the part of a leaf that one entry translates, if the cache holds leaves of that
    /// size.
    pub(super) fn entry(&self, leaf: LeafSize) -> Option<LeafSize> {
        self.holds.iter().find(|holds| holds.leaf == leaf).map(|holds| holds.entry)
    }
}
