//! Each change of each line of source, in all places to which the compiler has copied it.
//!
//! One copy alone may never run, so a change of it shows nothing.

use std::collections::BTreeMap;

use landfall_hart::liberty::Liberties;

use crate::kernel::Kernel;
use crate::site::Site;
use crate::subsets::passes;
use crate::survivors;
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

impl Tried {
    /// Returns the change as the list of survivors takes it.
    #[must_use]
    pub fn as_change(&self) -> survivors::Tried<'_> {
        let Source { place, change, .. } = &self.source;
        survivors::Tried { place, change, killed_by: self.killed_by }
    }
}

/// Returns true if a place is in the code that a kernel tries: the landing has [`hello`].
///
/// [`hello`]: crate::mutants
#[must_use]
pub fn are_tried_by(kernel: &str, place: &str) -> bool {
    let own: &[&str] = match kernel {
        "space" => {
            &["crates/landfall-space/", "crates/landfall/src/machine/space/", "crates/landfall-paging/"]
        }
        "modules" => &["crates/landfall-modules/"],
        "kexec" => &["crates/landfall-kexec/", "landfall_kexec_"],
        _ => &[],
    };
    own.iter().any(|start| place.starts_with(start))
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

/// Tries each change that `wanted` selects, with up to `seeds` seeds.
pub fn run(
    kernel: &Kernel,
    wanted: impl Fn(&Source) -> bool,
    seeds: u64,
    liberties: Liberties,
    mut progress: impl FnMut(&Tried),
) -> Vec<Tried> {
    let sources: Vec<_> = all(kernel, |_| true).into_iter().filter(wanted).collect();
    let work = |index: usize| {
        let changes = sources[index].changes.iter().map(|(site, instruction)| (site, *instruction));
        let image = kernel.with(changes);
        let work = image.work().clone().decisive();
        let image = image.with_work(work);
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
