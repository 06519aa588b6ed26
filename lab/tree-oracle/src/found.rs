//! Findings besides the facts.

use std::ops::Range;

use landfall_plan::randomness::SeedSource;

/// A seed in `/chosen`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// The property that holds it.
    pub source: SeedSource,
    /// The offsets in the tree of its value.
    pub value: Range<usize>,
}

/// Findings besides the facts.
#[derive(Clone, Debug, Default)]
pub struct TreeContents {
    /// The seeds, in the tree's order.
    pub seeds: Vec<Seed>,
    /// The tree lists the hart that boots among the enabled harts.
    pub lists_boot_hart: bool,
    /// Another kernel handed the tree on. It has the address of EFI's memory map alone, and its own
    /// memory does not count.
    pub lacks_memory_map: bool,
}
