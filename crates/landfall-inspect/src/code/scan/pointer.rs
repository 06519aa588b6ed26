//! gp: whether it is the linker's or the kernel's own.
//!
//! If `__global_pointer$` is defined, a linker relaxes an address into gp plus an offset. Then all
//! code depends on gp. Landfall sets gp nowhere: neither for harts nor for traps from user mode. So
//! a landfall kernel has no such access.
//!
//! Everywhere else gp is an ordinary register after landing: for per-CPU data, or for a user's
//! value that a trap handler saves and restores. Then some instruction of the kernel sets it.
//! Before landing nothing may depend on it.

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
    /// The accesses of a landfall kernel that count if nothing sets gp.
    others: Vec<Address>,
    is_landfall: bool,
    is_set: bool,
}

impl<'a> GlobalPointer<'a> {
    pub(super) fn of(subject: &Subject<'_>, early: &'a Early) -> Self {
        let is_relaxed = subject.symbols().all().iter().any(|symbol| symbol.mangled == SYMBOL);
        Self {
            is_relaxed,
            early,
            accesses: Vec::new(),
            sets: Vec::new(),
            others: Vec::new(),
            is_landfall: subject.kind().is_landfall(),
            is_set: false,
        }
    }

    /// Keeps a use that may count.
    pub(super) fn note(&mut self, at: Address, event: Event) {
        self.is_set |= event == Event::GpSet && !self.early.contains(&at.0);
        let counts = self.is_relaxed || self.early.contains(&at.0);
        match event {
            Event::Gp if counts => self.accesses.push(at),
            Event::Gp if self.is_landfall => self.others.push(at),
            Event::GpSet if counts => self.sets.push(at),
            _ => {}
        }
    }

    /// Those that count. An image that has no relaxed access may set gp to whatever it likes once
    /// it has landed.
    pub(super) fn harmful(self) -> impl Iterator<Item = (Address, Event)> {
        let Self { is_relaxed, early, accesses, sets, others, is_set, .. } = self;
        let depends = is_relaxed && !accesses.is_empty();
        let sets = sets.into_iter().filter(move |at| depends || early.contains(&at.0));
        let accesses = accesses.into_iter().map(|at| (at, Event::Gp));
        let others = others.into_iter().filter(move |_| !is_set).map(|at| (at, Event::GpNeverSet));
        accesses.chain(others).chain(sets.map(|at| (at, Event::GpSet)))
    }
}
