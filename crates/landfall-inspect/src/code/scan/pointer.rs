//! gp: whether it is the linker's or the kernel's own.
//!
//! A linker relaxes an address into gp plus an offset where `__global_pointer$` is defined, and
//! then all code depends on gp. Everywhere else gp is an ordinary register after landing: for
//! per-CPU data, or for a user's value that a trap handler saves and restores. Before landing
//! nothing may depend on it.

use super::Event;
use crate::code::early::Early;
use crate::subject::Subject;
use crate::units::Address;

/// By this symbol's address linkers relax.
const SYMBOL: &str = "__global_pointer$";

/// All uses of gp that may do harm.
pub(super) struct GlobalPointer<'a> {
    is_relaxed: bool,
    early: &'a Early,
    accesses: Vec<Address>,
    sets: Vec<Address>,
}

impl<'a> GlobalPointer<'a> {
    pub(super) fn of(subject: &Subject<'_>, early: &'a Early) -> Self {
        let is_relaxed = subject.symbols().all().iter().any(|symbol| symbol.mangled == SYMBOL);
        Self { is_relaxed, early, accesses: Vec::new(), sets: Vec::new() }
    }

    /// Keeps a use that may count.
    pub(super) fn note(&mut self, at: Address, event: Event) {
        if self.is_relaxed || self.early.contains(&at.0) {
            match event {
                Event::Gp => self.accesses.push(at),
                _ => self.sets.push(at),
            }
        }
    }

    /// Those that count. An image that has no relaxed access may set gp to whatever it likes once
    /// it has landed.
    pub(super) fn harmful(self) -> impl Iterator<Item = (Address, Event)> {
        let Self { is_relaxed, early, accesses, sets } = self;
        let depends = is_relaxed && !accesses.is_empty();
        let sets = sets.into_iter().filter(move |at| depends || early.contains(&at.0));
        let accesses = accesses.into_iter().map(|at| (at, Event::Gp));
        accesses.chain(sets.map(|at| (at, Event::GpSet)))
    }
}
