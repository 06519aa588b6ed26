//! The walks that read a page as a table, found from the page upwards.

use super::Harts;
use super::format::{ENTRIES, GROUP, MAX_LEVELS, PAGE, Word, is_global, size_of};
use super::hart::Start;
use super::kept::Kept;
use super::witness::{Holder, Source};
use super::words::page_of;

/// A table on the way of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Context {
    pub(super) level: u32,
    pub(super) is_root: bool,
    /// The first virtual address that the table serves; 0 for a root.
    pub(super) virt: u64,
    pub(super) holder: Holder,
}

impl Context {
    pub(super) fn at(start: Start) -> Self {
        Self { level: start.levels - 1, is_root: true, virt: 0, holder: start.holder() }
    }

    /// Returns the first virtual address that the entry serves.
    pub(super) fn entry_virt(self, index: u64) -> u64 {
        let virt = self.virt + index * size_of(self.level);
        if !self.is_root {
            return virt;
        }
        let unused = 52 - 9 * (self.level + 1);
        ((virt << unused).cast_signed() >> unused).cast_unsigned()
    }

    /// Returns the context of the table below, for the pointer at `entry`.
    pub(super) fn below(self, entry: u64, word: Word) -> Option<Self> {
        let virt = self.entry_virt(entry % PAGE / 8);
        let holder = self.holder_of(word);
        Some(Self { level: self.level.checked_sub(1)?, is_root: false, virt, holder })
    }

    /// "For non-leaf PTEs, the global setting implies that all mappings in the subsequent levels of
    /// the page table are global."
    pub(super) fn holder_of(self, word: Word) -> Holder {
        if is_global(word) { Holder::Global } else { self.holder }
    }

    /// Returns true if a walk in this context may use the kept entry, by its physical address.
    pub(super) fn may_use(self, kept: Kept) -> bool {
        let is_match = [self.holder, kept.holder].contains(&Holder::Global) || self.holder == kept.holder;
        is_match && self.level == kept.level
    }

    /// Returns the context of the table below a kept pointer, by its virtual address.
    pub(super) fn below_kept(kept: Kept) -> Option<Self> {
        let Kept { level, virt, holder, .. } = kept;
        Some(Self { level: level.checked_sub(1)?, is_root: false, virt, holder })
    }
}

impl Harts {
    /// Returns all contexts in which the hart may read `table`.
    pub(super) fn contexts(&self, hart: usize, table: u64) -> Vec<Context> {
        self.contexts_within(hart, table, MAX_LEVELS - 1)
    }

    fn contexts_within(&self, hart: usize, table: u64, steps: u32) -> Vec<Context> {
        let state = &self.states[hart];
        let roots = state.starts().filter(|start| start.table == table).map(Context::at);
        let mut found: Vec<Context> = roots.collect();
        found.extend(state.kept.pointing_to(table).filter_map(Context::below_kept));
        if steps > 0 {
            for (entry, word) in self.pointers_to(hart, table) {
                let above = self.contexts_within(hart, page_of(entry), steps - 1);
                found.extend(above.iter().filter_map(|context| context.below(entry, word)));
            }
            for kept in state.kept.pointing_to(table) {
                let above = self.contexts_within(hart, page_of(kept.entry), steps - 1);
                let users = above.iter().filter(|context| context.may_use(kept));
                found.extend(users.filter_map(|context| context.below(kept.entry, kept.word)));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Returns the pointers to `table` that a walk of the hart may read from memory.
    fn pointers_to(&self, hart: usize, table: u64) -> Vec<(u64, Word)> {
        let now = self.words.pointing_to(table).map(|entry| (entry, self.words.load(entry)));
        let before = self.unordered.pointing_to(hart, table).map(|store| (store.at, store.old));
        now.chain(before).collect()
    }

    /// Returns the words that a walk of the hart may read from memory at this address.
    pub(super) fn visible(&self, hart: usize, at: u64) -> impl Iterator<Item = (Word, Source)> {
        let before = self.unordered.at(hart, at).map(|old| (old, Source::BeforeStore));
        core::iter::once((self.words.load(at), Source::Memory)).chain(before)
    }

    /// Returns the entries that the hart keeps of a word, if it can read the word.
    pub(super) fn copies_of(&self, hart: usize, at: u64, word: Word) -> Vec<Kept> {
        let contexts = self.contexts(hart, page_of(at));
        contexts.into_iter().flat_map(|context| self.copies(context, at, word)).collect()
    }

    /// Svnapot: reads "may create address-translation cache entries mapping a + j×PTESIZE to a copy
    /// of pte", for any or all j of its 64 KiB.
    pub(super) fn copies(&self, context: Context, at: u64, word: Word) -> impl Iterator<Item = Kept> {
        let is_napot = context.level == 0 && word.is_some_and(|bits| self.format.is_napot(bits));
        let index = at % PAGE / 8;
        let indexes = if is_napot { group_of(index) } else { index..index + 1 };
        indexes.map(move |index| Kept {
            level: context.level,
            virt: context.entry_virt(index),
            holder: context.holder_of(word),
            entry: page_of(at) + index * 8,
            word,
        })
    }

    /// Returns the other entries of the group of an entry of level 0.
    pub(super) fn neighbors(&self, entry: u64) -> impl Iterator<Item = u64> {
        let group = if self.format.svnapot { group_of(entry % PAGE / 8) } else { 0..0 };
        group.map(move |index| page_of(entry) + index * 8).filter(move |&other| other != entry)
    }
}

fn group_of(index: u64) -> core::ops::Range<u64> {
    let first = index % ENTRIES / GROUP * GROUP;
    first..first + GROUP
}
