//! Each change of each site of a kernel.

use landfall_hart::liberty::Liberties;

use crate::flaw::Flaw;
use crate::kernel::{Image, Kernel};
use crate::oracle;
use crate::site::{Mutant, Site};
use crate::survivors;
use crate::trial::Trial;
use crate::workers;

/// A mutant, and the first seed that kills it.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The site.
    pub site: Site,
    /// The change.
    pub mutant: Mutant,
    /// The seed; `None` if it survives all.
    pub killed_by: Option<u64>,
}

impl Tried {
    /// Returns the mutant as the list of survivors takes it.
    #[must_use]
    pub fn as_change(&self) -> survivors::Tried<'_> {
        survivors::Tried { place: &self.site.place, change: &self.mutant.change, killed_by: self.killed_by }
    }
}

/// Tries each mutant that `wanted` selects, with up to `seeds` seeds.
pub fn run(
    kernel: &Kernel,
    wanted: impl Fn(&Site, &Mutant) -> bool,
    seeds: u64,
    liberties: Liberties,
    mut progress: impl FnMut(&Tried),
) -> Vec<Tried> {
    let mutants: Vec<_> = kernel
        .sites
        .iter()
        .flat_map(|site| site.mutants().into_iter().map(move |mutant| (site, mutant)))
        .filter(|(site, mutant)| wanted(site, mutant))
        .collect();
    let work = |index: usize| {
        let (site, mutant) = &mutants[index];
        let image = kernel.with([(*site, mutant.instruction)]);
        (0..seeds).find(|&seed| kills(&image, seed, liberties))
    };
    let mut tried = Vec::new();
    workers::each(mutants.len(), work, |index, killed_by| {
        let (site, mutant) = mutants[index].clone();
        let one = Tried { site: site.clone(), mutant, killed_by };
        progress(&one);
        tried.push(one);
    });
    tried.sort_by_key(|one| one.site.offset);
    tried
}

/// Returns true if a landing of the seed goes wrong, or what a machine with a flaw leads to.
#[must_use]
pub fn kills(image: &Image, seed: u64, liberties: Liberties) -> bool {
    let landing = Trial::drawn(image, seed, liberties);
    let flawed = Trial { flaw: Flaw::of_seed(seed), ..landing };
    let is_met = !image.work().is_landing() || oracle::is_met(image, &flawed);
    !is_met || !oracle::is_met(image, &landing)
}
