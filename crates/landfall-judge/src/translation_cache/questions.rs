//! The questions that a test asks.

use core::ops::{ControlFlow, Range};

use super::Harts;
use super::format::PAGE;
use super::witness::{Outcome, Reach, TableUse, Translation, Witness};
use crate::entry::Flags;

/// A kind of access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// A load, which needs R.
    Load,
    /// A store, which needs W.
    Store,
    /// An instruction fetch, which needs X.
    Fetch,
}

impl Access {
    /// Returns true if a leaf with these flags permits the access, to either privilege mode.
    #[must_use]
    pub const fn is_permitted_by(self, flags: Flags) -> bool {
        match self {
            Self::Load => flags.r(),
            Self::Store => flags.w(),
            Self::Fetch => flags.x(),
        }
    }
}

impl Harts {
    /// Returns all results of a translation that the hart may choose under its `satp`, each once.
    /// The first is the result by memory as it is now.
    #[must_use]
    pub fn outcomes(&self, hart: usize, virt: u64) -> Vec<Outcome> {
        let Some(start) = self.states[hart].current else { return vec![Outcome::Bare] };
        if !start.is_canonical(virt) {
            return vec![Outcome::Fault];
        }
        let mut found = Vec::new();
        self.search(hart, virt, |holder, outcome, _| {
            if holder.serves(start.asid) && !found.contains(&outcome) {
                found.push(outcome);
            }
            ControlFlow::<()>::Continue(())
        });
        found
    }

    /// Returns a translation by which the hart may access `virt` under its `satp`. Garbage permits
    /// every access. U is not judged: the witness has the leaf's flags.
    #[must_use]
    pub fn may(&self, hart: usize, virt: u64, access: Access) -> Option<Witness> {
        self.may_choose(hart, virt, |outcome| match outcome {
            Outcome::Reaches(Translation { flags, .. }) => access.is_permitted_by(flags),
            Outcome::Garbage => true,
            Outcome::Fault | Outcome::Bare => false,
        })
    }

    /// Returns a translation by which every access of the hart to `virt` under its `satp` faults,
    /// such as by an invalid entry that it keeps.
    #[must_use]
    pub fn may_fault(&self, hart: usize, virt: u64) -> Option<Witness> {
        self.may_choose(hart, virt, |outcome| matches!(outcome, Outcome::Fault | Outcome::Garbage))
    }

    /// Returns a translation of `virt` under the hart's `satp` whose result `is_wanted` accepts.
    /// MODE Bare and addresses that are not canonical have no translation.
    #[must_use]
    pub fn may_choose(&self, hart: usize, virt: u64, is_wanted: impl Fn(Outcome) -> bool) -> Option<Witness> {
        let start = self.states[hart].current.filter(|start| start.is_canonical(virt))?;
        self.find(hart, virt, |holder, outcome, _| holder.serves(start.asid) && is_wanted(outcome))
    }

    /// Returns all ways by which any hart may reach a byte of `frames`, under any ASID. Each leaf
    /// is there once for each hart and virtual address.
    ///
    /// A translation under an ASID that no hart has at present counts: the next write of `satp` may
    /// bring it back.
    #[must_use]
    pub fn reaching(&self, frames: Range<u64>) -> Vec<Reach> {
        let mut found = Vec::new();
        for reach in (0..self.states.len()).flat_map(|hart| self.reaches(hart, &frames)) {
            if !found.contains(&reach) {
                found.push(reach);
            }
        }
        found
    }

    /// Returns a translation by which any hart may reach a byte of `frames`, under any ASID.
    /// `is_excused` accepts those that are no fault, such as those in the linear map.
    #[must_use]
    pub fn may_reach(&self, frames: Range<u64>, is_excused: impl Fn(&Reach) -> bool) -> Option<Witness> {
        let mut reaches = (0..self.states.len()).flat_map(|hart| self.reaches(hart, &frames));
        let reach = reaches.find(|reach| !is_excused(reach))?;
        let Reach { hart, holder, virt, translation, entry } = reach;
        let outcome = Outcome::Reaches(translation);
        let explained = self.find(hart, virt, |found, result, path| {
            found == holder && result == outcome && path.last().is_some_and(|step| step.entry == entry)
        });
        Some(explained.unwrap_or(Witness { hart, holder, virt, outcome, path: Vec::new() }))
    }

    /// Returns a walk by which any hart may read a frame of `frames` as a table, under any ASID.
    #[must_use]
    pub fn walks_table_in(&self, frames: Range<u64>) -> Option<TableUse> {
        let first = frames.start / PAGE * PAGE;
        let tables = (0..frames.end.saturating_sub(first).div_ceil(PAGE)).map(|number| first + number * PAGE);
        let uses = tables.flat_map(|table| (0..self.states.len()).map(move |hart| (table, hart)));
        uses.into_iter().find_map(|(table, hart)| {
            let context = *self.contexts(hart, table).first()?;
            Some(TableUse { hart, holder: context.holder, table, level: context.level, virt: context.virt })
        })
    }
}
