//! Each subset of a kernel's fences.
//!
//! A fence is necessary if some failing subset passes with it restored.

use std::collections::BTreeMap;

use landfall_hart::liberty::Liberties;

use crate::kernel::{Image, Kernel};
use crate::oracle;
use crate::site::Site;
use crate::trial::Trial;
use crate::workers;

/// The result of each subset of fences.
#[derive(Clone, Debug)]
pub struct Subsets {
    /// By the set of fences that are left out, as bits: the first seed that fails.
    pub failing: BTreeMap<u32, u64>,
    /// The landings in all.
    pub landings: u64,
}

/// Tries all subsets of `fences`, each with up to `seeds` seeds.
///
/// # Panics
/// If there are more fences than bits.
pub fn run(
    kernel: &Kernel,
    fences: &[&Site],
    seeds: u64,
    liberties: Liberties,
    mut progress: impl FnMut(usize),
) -> Subsets {
    assert!(fences.len() < 20, "a set has 20 fences at most");
    let mut all = Subsets { failing: BTreeMap::new(), landings: 0 };
    let mut finished = 0;
    let search = |set: usize, first: &[u64]| {
        let image = without(kernel, fences, set);
        let mut landings = 0;
        let failing = first.iter().copied().chain(0..seeds).find(|&seed| {
            landings += 1;
            !passes(&image, seed, liberties)
        });
        (failing, landings)
    };
    // A seed that fails without one fence mostly fails without others too.
    let mut alone = vec![None; fences.len()];
    workers::each(fences.len(), |bit| search(1 << bit, &[]).0, |bit, seed| alone[bit] = seed);
    let work = |set: usize| {
        let bits = (0..fences.len()).filter(|bit| set >> bit & 1 != 0);
        let first: Vec<u64> = bits.filter_map(|bit| alone[bit]).collect();
        search(set, &first)
    };
    workers::each(1 << fences.len(), work, |set, (failing, landings)| {
        finished += 1;
        progress(finished);
        all.landings += landings;
        if let (Some(seed), Ok(set)) = (failing, u32::try_from(set)) {
            all.failing.insert(set, seed);
        }
    });
    all
}

/// Returns the image without a set of fences.
fn without(kernel: &Kernel, fences: &[&Site], set: usize) -> Image {
    let left_out = fences.iter().enumerate().filter(|(bit, _)| set >> bit & 1 != 0);
    kernel.with(left_out.map(|(_, &site)| (site, site.removed().instruction)))
}

/// Returns true if a landing leads to what the oracle expects.
#[must_use]
pub fn passes(image: &Image, seed: u64, liberties: Liberties) -> bool {
    oracle::is_met(image, &Trial::drawn(image, seed, liberties))
}

impl Subsets {
    /// Returns a failing set that passes with the fence restored, and the seed that fails.
    #[must_use]
    pub fn witness(&self, fence: usize) -> Option<(u32, u64)> {
        self.failing
            .iter()
            .filter(|(set, _)| *set >> fence & 1 != 0 && !self.failing.contains_key(&(*set & !(1 << fence))))
            .map(|(&set, &seed)| (set, seed))
            .min_by_key(|(set, _)| set.count_ones())
    }
}
