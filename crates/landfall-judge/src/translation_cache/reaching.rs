//! The translations that lead to physical memory, found from the frames upwards.

use core::ops::Range;

use super::Harts;
use super::context::Context;
use super::format::{GROUP, MAX_LEVELS, Meaning, PAGE, Word, size_of};
use super::kept::Kept;
use super::witness::Reach;
use super::words::page_of;

/// Virtual addresses that one value of an entry serves.
struct Span {
    virt: u64,
    phys: u64,
    size: u64,
}

impl Harts {
    /// Returns all ways by which a hart may reach a byte of `frames`, under any ASID.
    pub(super) fn reaches(&self, hart: usize, frames: &Range<u64>) -> Vec<Reach> {
        let mut found = Vec::new();
        for (entry, word) in self.leaves_to(hart, frames) {
            for context in self.contexts(hart, page_of(entry)) {
                let span = self.span(context, entry, word);
                found.extend(span.and_then(|span| self.reach(hart, context, (entry, word), &span, frames)));
            }
        }
        for kept in self.states[hart].kept.iter() {
            found.extend(self.reaches_by(hart, kept, frames));
        }
        found
    }

    /// Returns the leaves of any level that a walk of the hart may read from memory.
    fn leaves_to(&self, hart: usize, frames: &Range<u64>) -> Vec<(u64, Word)> {
        let sizes = (0..MAX_LEVELS).map(|level| (size_of(level), false)).chain([(GROUP * PAGE, true)]);
        let firsts = sizes.flat_map(|(size, napot)| {
            let first = frames.start / size * size;
            let count = frames.end.saturating_sub(first).div_ceil(size);
            (0..count).map(move |number| (first + number * size, napot))
        });
        let now = firsts.flat_map(|(phys, napot)| self.words.mapping(phys, napot));
        let now = now.map(|entry| (entry, self.words.load(entry)));
        let before = self.unordered.leaves(hart).map(|store| (store.at, store.old));
        now.chain(before).collect()
    }

    /// Returns the ways by a kept leaf: by its virtual address, and by the address of its entry.
    fn reaches_by(&self, hart: usize, kept: Kept, frames: &Range<u64>) -> Vec<Reach> {
        let Some((phys, size)) = self.kept_span(kept) else { return Vec::new() };
        if phys >= frames.end || phys + size <= frames.start {
            return Vec::new();
        }
        let Kept { level, virt, holder, entry, word } = kept;
        let own = Context { level, is_root: false, virt, holder };
        let own = self.reach(hart, own, (entry, word), &Span { virt, phys, size }, frames);
        let others = self.contexts(hart, page_of(entry)).into_iter().filter(|context| context.may_use(kept));
        let others = others.filter_map(|context| {
            let virt = context.entry_virt(entry % PAGE / 8);
            self.reach(hart, context, (entry, word), &Span { virt, phys, size }, frames)
        });
        own.into_iter().chain(others).collect()
    }

    /// Returns the addresses that a leaf in memory serves in this context.
    fn span(&self, context: Context, entry: u64, word: Word) -> Option<Span> {
        let Meaning::Leaf { phys, size } = self.format.meaning(word, context.level) else { return None };
        let virt = context.entry_virt(entry % PAGE / 8) & !(size - 1);
        Some(Span { virt, phys, size })
    }

    fn reach(
        &self,
        hart: usize,
        context: Context,
        (entry, word): (u64, Word),
        span: &Span,
        frames: &Range<u64>,
    ) -> Option<Reach> {
        let phys = span.phys.max(frames.start);
        let is_within = phys < frames.end.min(span.phys + span.size);
        is_within.then(|| Reach {
            hart,
            holder: context.holder_of(word),
            virt: span.virt + (phys - span.phys),
            translation: self.translation(word, phys),
            entry,
        })
    }
}
