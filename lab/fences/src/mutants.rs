//! Each change of each site of a kernel.

use landfall_hart::liberty::Liberties;

use crate::kernel::Kernel;
use crate::site::{Mutant, Site};
use crate::subsets::passes;
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

/// Tries each mutant of the sites that `wanted` selects, with up to `seeds` seeds.
pub fn run(
    kernel: &Kernel,
    wanted: impl Fn(&Site) -> bool,
    seeds: u64,
    liberties: Liberties,
    mut progress: impl FnMut(&Tried),
) -> Vec<Tried> {
    let mutants: Vec<_> = kernel
        .sites
        .iter()
        .filter(|site| wanted(site))
        .flat_map(|site| site.mutants().into_iter().map(move |mutant| (site, mutant)))
        .collect();
    let work = |index: usize| {
        let (site, mutant) = &mutants[index];
        let image = kernel.with([(*site, mutant.instruction)]);
        (0..seeds).find(|&seed| !passes(&image, seed, liberties))
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
