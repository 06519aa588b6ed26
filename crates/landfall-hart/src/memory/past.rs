//! The past of the entries of a table.

use std::collections::BTreeMap;

use super::Entry;

/// The number of values of a word's past that are kept.
const PASTS: usize = 64;

/// A value that a word of a table held before a store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Past {
    /// The time of the store that replaced it.
    pub(crate) until: u64,
    /// The number of instructions that all harts had executed by then.
    pub(crate) at: u64,
    /// The value.
    pub(crate) value: u64,
    /// The hart that replaced it.
    pub(crate) hart: usize,
    /// The address of the instruction that replaced it.
    pub(crate) pc: u64,
    /// The instructions that the hart had retired before it.
    pub(crate) issued: u64,
}

impl Past {
    /// Returns the value before a store that the log holds.
    pub(super) const fn of(time: u64, store: &Entry) -> Self {
        let Entry { old: value, hart, pc, issued, at, .. } = *store;
        Self { until: time, at, value, hart, pc, issued }
    }
}

/// The past of each word of a table.
#[derive(Debug, Default)]
pub(super) struct Pasts(BTreeMap<usize, Vec<Past>>);

impl Pasts {
    /// Adds the value that a store replaced.
    pub(super) fn remember(&mut self, word: usize, past: Past) {
        let pasts = self.0.entry(word).or_default();
        if pasts.len() == PASTS {
            pasts.remove(0);
        }
        pasts.push(past);
    }

    /// Returns the values of a word, the newest first.
    pub(super) fn of(&self, word: usize) -> impl Iterator<Item = &Past> {
        self.0.get(&word).into_iter().flatten().rev()
    }
}
