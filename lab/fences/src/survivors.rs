//! Mutants that no landing of `hello` kills, each with its reason.

use crate::mutants::Tried;
use crate::site::{Mutant, Site};

/// A change that nothing notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Survivor {
    /// The name or the file of the place.
    pub place: &'static str,
    /// The start of the change, in words.
    pub change: &'static str,
    /// The reason why nothing notices it, and why the instruction stays.
    pub reason: &'static str,
}

impl Survivor {
    /// Returns true if a mutant is the one meant.
    #[must_use]
    pub fn is(&self, site: &Site, mutant: &Mutant) -> bool {
        let place = site.place.split(':').next().unwrap_or_default();
        place == self.place && mutant.change.starts_with(self.change)
    }
}

/// Returns what is wrong with the list, given what each mutant led to.
#[must_use]
pub fn faults(all: &[Tried]) -> Vec<String> {
    let survivors = || all.iter().filter(|tried| tried.killed_by.is_none());
    let is = |survivor: &Survivor, tried: &Tried| survivor.is(&tried.site, &tried.mutant);
    let unknown = survivors().filter(|tried| !SURVIVORS.iter().any(|survivor| is(survivor, tried)));
    let unknown = unknown.map(|tried| {
        let (offset, place) = (tried.site.offset, &tried.site.place);
        format!("{offset:#x} {} in {place} survives without a reason", tried.mutant.change)
    });
    let gone = SURVIVORS.iter().filter(|survivor| !survivors().any(|tried| is(survivor, tried)));
    let gone = gone.map(|survivor| {
        format!("{} in {} is killed, or gone, and has a reason to survive", survivor.change, survivor.place)
    });
    unknown.chain(gone).collect()
}

const fn survivor(place: &'static str, change: &'static str, reason: &'static str) -> Survivor {
    Survivor { place, change, reason }
}

/// The mutants of `hello` that survive.
pub const SURVIVORS: &[Survivor] = &[];
