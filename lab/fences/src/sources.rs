//! Each change of each line of source, in all places to which the compiler has copied it.
//!
//! One copy alone may never run, so a change of it shows nothing.

use std::collections::BTreeMap;

use landfall_hart::liberty::Liberties;

use crate::kernel::Kernel;
use crate::site::Site;
use crate::subsets::passes;
use crate::workers;

/// A change of a line of source.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file and the line.
    pub place: String,
    /// The missing order, in words.
    pub change: String,
    /// The copies, each with its new instruction.
    pub changes: Vec<(Site, u32)>,
}

/// A change, and the first seed that kills it.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The change.
    pub source: Source,
    /// The seed; `None` if it survives all.
    pub killed_by: Option<u64>,
}

/// Returns all changes of the sites that `wanted` selects.
pub fn all(kernel: &Kernel, wanted: impl Fn(&Site) -> bool) -> Vec<Source> {
    let mut sources: BTreeMap<(String, String), Vec<(Site, u32)>> = BTreeMap::new();
    for site in kernel.sites.iter().filter(|site| wanted(site)) {
        for mutant in site.mutants() {
            let copies = sources.entry((site.place.clone(), mutant.change)).or_default();
            copies.push((site.clone(), mutant.instruction));
        }
    }
    sources.into_iter().map(|((place, change), changes)| Source { place, change, changes }).collect()
}

/// Tries each change of the sites that `wanted` selects, with up to `seeds` seeds.
pub fn run(
    kernel: &Kernel,
    wanted: impl Fn(&Site) -> bool,
    seeds: u64,
    liberties: Liberties,
    mut progress: impl FnMut(&Tried),
) -> Vec<Tried> {
    let sources = all(kernel, wanted);
    let work = |index: usize| {
        let changes = sources[index].changes.iter().map(|(site, instruction)| (site, *instruction));
        let image = kernel.with(changes);
        (0..seeds).find(|&seed| !passes(&image, seed, liberties))
    };
    let mut tried = Vec::new();
    workers::each(sources.len(), work, |index, killed_by| {
        let one = Tried { source: sources[index].clone(), killed_by };
        progress(&one);
        tried.push(one);
    });
    tried.sort_by(|one, other| one.source.place.cmp(&other.source.place));
    tried
}
