//! Each change of an instruction of `hello` that orders something is noticed, or has its reason.

use landfall_fences::kernel::Kernel;
use landfall_fences::site::{Mutant, Site};
use landfall_fences::{mutants, survivors};
use landfall_hart::liberty::Liberties;

/// The seeds that each mutant has, in order. Known survivors have none: `cargo fences mutants`
/// tries them.
const SEEDS: u64 = 120;

#[test]
#[ignore = "builds a kernel"]
fn each_mutant_without_a_reason_to_survive_is_killed() {
    let kernel = Kernel::build("hello").expect("the kernel builds");
    assert!(!mutants::kills(&kernel.image, 0, Liberties::worst()), "the kernel itself fails");
    let known = survivors::of("hello");
    let is_known =
        |site: &Site, mutant: &Mutant| known.iter().any(|survivor| survivor.is(&site.place, &mutant.change));
    let wanted = |site: &Site, mutant: &Mutant| !is_known(site, mutant);
    let all = mutants::run(&kernel, wanted, SEEDS, Liberties::worst(), |_| {});
    let survivors = all.iter().filter(|tried| tried.killed_by.is_none());
    let survivors: Vec<_> = survivors.map(|tried| (&tried.site.place, &tried.mutant.change)).collect();
    assert!(survivors.is_empty(), "nothing notices these changes: {survivors:#?}");
    assert!(all.len() > 50, "only {} mutants", all.len());
}
