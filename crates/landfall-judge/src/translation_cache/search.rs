//! All translations of one address, found from the roots and the kept entries downwards.

use core::ops::ControlFlow;

use super::Harts;
use super::context::Context;
use super::format::{GROUP, Meaning, PAGE, Word, index_of};
use super::hart::Hart;
use super::kept::Kept;
use super::witness::{Holder, Outcome, Source, Step, Translation, Witness};
use crate::entry::Flags;

/// A depth-first search for the translations of `virt`.
pub(super) struct Search<'a, F> {
    harts: &'a Harts,
    hart: usize,
    virt: u64,
    path: Vec<Step>,
    visit: F,
}

impl Harts {
    /// Calls `visit` with each translation under any ASID, until it breaks.
    pub(super) fn search<B>(
        &self,
        hart: usize,
        virt: u64,
        mut visit: impl FnMut(Holder, Outcome, &[Step]) -> ControlFlow<B>,
    ) -> Option<B> {
        let mut result = None;
        let visit = |holder, outcome, path: &[Step]| match visit(holder, outcome, path) {
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
            ControlFlow::Break(value) => {
                result = Some(value);
                ControlFlow::Break(())
            }
        };
        // The visitor holds the result.
        let _ = Search { harts: self, hart, virt, path: Vec::new(), visit }.run(&self.states[hart]);
        result
    }

    /// Returns the first translation that `is_wanted` accepts.
    pub(super) fn find(
        &self,
        hart: usize,
        virt: u64,
        is_wanted: impl Fn(Holder, Outcome, &[Step]) -> bool,
    ) -> Option<Witness> {
        self.search(hart, virt, |holder, outcome, path| {
            if is_wanted(holder, outcome, path) {
                ControlFlow::Break(Witness { hart, holder, virt, outcome, path: path.to_vec() })
            } else {
                ControlFlow::Continue(())
            }
        })
    }
}

impl<F: FnMut(Holder, Outcome, &[Step]) -> ControlFlow<()>> Search<'_, F> {
    fn run(&mut self, hart: &Hart) -> ControlFlow<()> {
        let virt = self.virt;
        for start in hart.starts().filter(|start| start.is_canonical(virt)) {
            self.descend(start.table, Context::at(start))?;
        }
        // "For a given virtual address and ASID, any translation since the last subsuming
        // SFENCE.VMA might be used", also one of another mode.
        for kept in hart.kept.serving(virt) {
            let Kept { level, virt, holder, entry, word } = kept;
            self.step(entry, word, Source::Kept, Context { level, is_root: false, virt, holder })?;
        }
        ControlFlow::Continue(())
    }

    /// Reads the entry for the address in one table, in all ways.
    fn descend(&mut self, table: u64, context: Context) -> ControlFlow<()> {
        let harts = self.harts;
        let entry = table + 8 * index_of(self.virt, context.level);
        for (word, source) in harts.visible(self.hart, entry) {
            self.step(entry, word, source, context)?;
        }
        if context.level == 0 {
            for neighbor in harts.neighbors(entry) {
                let visible = harts.visible(self.hart, neighbor);
                let is_napot = |word: Word| word.is_some_and(|bits| harts.format.is_napot(bits));
                for (word, source) in visible.filter(|&(word, _)| is_napot(word)) {
                    self.step(neighbor, word, source, context)?;
                }
            }
        }
        for kept in harts.states[self.hart].kept.at_entry(entry) {
            if context.may_use(kept) {
                self.step(entry, kept.word, Source::Kept, context)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Goes on with one value of an entry.
    fn step(&mut self, entry: u64, word: Word, source: Source, context: Context) -> ControlFlow<()> {
        let level = context.level;
        self.path.push(Step { level, entry, bits: word, source });
        let holder = context.holder_of(word);
        let flow = match self.harts.format.meaning(word, level) {
            Meaning::Fault => (self.visit)(holder, Outcome::Fault, &self.path),
            Meaning::Garbage => (self.visit)(holder, Outcome::Garbage, &self.path),
            Meaning::Leaf { phys, size } => {
                let phys = phys | self.virt & (size - 1);
                let translation = self.harts.translation(word, phys);
                (self.visit)(holder, Outcome::Reaches(translation), &self.path)
            }
            Meaning::Pointer { table } => {
                self.descend(table, Context { level: level - 1, holder, ..context })
            }
        };
        self.path.pop();
        flow
    }
}

impl Harts {
    /// Returns the translation by a leaf to this physical address.
    pub(super) fn translation(&self, leaf: Word, phys: u64) -> Translation {
        let bits = leaf.unwrap_or_default();
        Translation { phys, flags: Flags::of(bits), memory: self.format.memory_type(bits) }
    }

    /// Returns the first byte that a kept leaf serves, and its size: a copy of a NAPOT leaf serves
    /// one page.
    pub(super) fn kept_span(&self, kept: Kept) -> Option<(u64, u64)> {
        match self.format.meaning(kept.word, kept.level) {
            Meaning::Leaf { phys, size } if size == GROUP * PAGE && kept.level == 0 => {
                Some((phys | kept.virt & (size - 1), PAGE))
            }
            Meaning::Leaf { phys, size } => Some((phys, size)),
            _ => None,
        }
    }
}
