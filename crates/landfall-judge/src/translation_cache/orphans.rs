//! Global entries that only dropped tables lead to.
//!
//! A fence with an ASID spares "entries containing global mappings", also if no walk from the
//! hart's root reaches them any more. Such an entry may still be equal to memory, so no store has
//! added it to what the hart keeps. The fence has to.

use super::Harts;
use super::context::Context;
use super::format::{ENTRIES, index_of};
use super::kept::Kept;
use super::witness::Holder;
use super::words::page_of;

/// A table that a fence makes unreachable, and the table of the current root in the same place.
#[derive(Clone, Copy)]
struct Place {
    table: u64,
    context: Context,
    current: Option<u64>,
}

impl Harts {
    /// Returns the global entries that the hart reaches by walks under `asid`, and that it does not
    /// reach from its current root.
    pub(super) fn orphans(&self, hart: usize, asid: u16) -> Vec<Kept> {
        let mut found = Vec::new();
        for place in self.dropped_tables(hart, Holder::Asid(asid)) {
            self.collect(hart, place, &mut found);
        }
        found
    }

    /// Returns the tables whose root or kept pointer a fence drops.
    fn dropped_tables(&self, hart: usize, dropped: Holder) -> Vec<Place> {
        let state = &self.states[hart];
        let starts =
            state.starts().filter(|&start| start.holder() == dropped && Some(start) != state.current);
        let mut places: Vec<Place> =
            starts.map(|start| self.place(hart, start.table, Context::at(start))).collect();
        for kept in state.kept.iter() {
            let Some(table) = self.format.pointer(kept.word, kept.level) else { continue };
            let users = self.contexts(hart, page_of(kept.entry)).into_iter();
            let users =
                users.filter(|user| user.may_use(kept) && [user.holder, kept.holder].contains(&dropped));
            let below = users.filter_map(|user| user.below(kept.entry, kept.word));
            places.extend(below.map(|context| self.place(hart, table, context)));
        }
        places
    }

    fn place(&self, hart: usize, table: u64, context: Context) -> Place {
        let is_shared = context.holder != Holder::Global;
        Place { table, context, current: self.current_table(hart, context).filter(|_| is_shared) }
    }

    fn collect(&self, hart: usize, place: Place, found: &mut Vec<Kept>) {
        let Place { table, context, current } = place;
        if current == Some(table) {
            return;
        }
        for offset in (0..ENTRIES).map(|index| index * 8) {
            let entry = table + offset;
            let now = current.map(|current| self.load(current + offset));
            for (word, _) in
                self.visible(hart, entry).filter(|&(word, _)| word.is_some() && Some(word) != now)
            {
                if context.holder_of(word) == Holder::Global {
                    found.extend(self.copies(context, entry, word));
                } else if let Some(below) = self.format.pointer(word, context.level) {
                    let current = now.and_then(|now| self.format.pointer(now, context.level));
                    let context = context.below(entry, word).expect("a pointer stands above the last level");
                    self.collect(hart, Place { table: below, context, current }, found);
                }
            }
        }
    }

    /// Returns the table that a walk from the current root meets in this place.
    fn current_table(&self, hart: usize, context: Context) -> Option<u64> {
        let is_same =
            |levels| if context.is_root { levels == context.level + 1 } else { levels > context.level };
        let start = self.states[hart].current.filter(|start| is_same(start.levels))?;
        let mut table = start.table;
        for level in (context.level + 1..start.levels).rev() {
            let entry = table + 8 * index_of(context.virt, level);
            table = self.format.pointer(self.load(entry), level)?;
        }
        Some(table)
    }
}
