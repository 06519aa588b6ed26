//! The sites of a kernel, and their changes.

use landfall_fences::kernel::Kernel;
use landfall_fences::site::Site;
use landfall_fences::sources::{Source, are_tried_by};
use landfall_fences::{mutants, sources, survivors};

use super::Done;
use crate::options::Options;

/// Lists the sites of a kernel.
pub(crate) fn sites(options: &Options) -> Done {
    for site in Kernel::build(&options.kernel)?.sites {
        println!("{:#8x} {:<28} {}", site.offset, site.text(), site.place);
    }
    Ok(())
}

/// Tries each change of each site.
pub(crate) fn mutants(options: &Options, seeds: u64, places: &[&str]) -> Done {
    let kernel = Kernel::build(&options.kernel)?;
    if mutants::kills(&kernel.image, 0, options.liberties) {
        return Err("the kernel itself fails".into());
    }
    let has_word = |site: &Site| places.iter().any(|place| site.place.contains(place));
    let wanted = |site: &Site, _: &_| places.is_empty() || has_word(site);
    let all = mutants::run(&kernel, wanted, seeds, options.liberties, |one| {
        eprintln!(
            "{:#8x} {:<40} {:<44} {:?}",
            one.site.offset, one.mutant.change, one.site.place, one.killed_by
        );
    });
    let survivors = all.iter().filter(|one| one.killed_by.is_none()).count();
    println!("{survivors} of {} mutants survive", all.len());
    if options.kernel != "hello" || !places.is_empty() {
        return Ok(());
    }
    let all: Vec<_> = all.iter().map(mutants::Tried::as_change).collect();
    check_survivors(&options.kernel, &all)
}

/// Checks that each survivor has its reason.
fn check_survivors(kernel: &str, all: &[survivors::Tried<'_>]) -> Done {
    let faults = survivors::faults(kernel, all);
    for fault in &faults {
        println!("{fault}");
    }
    if faults.is_empty() { Ok(()) } else { Err("the list of survivors is wrong".into()) }
}

/// Tries each change of each line of source, in all places to which the compiler has copied it.
/// The places have one of the words. Without a word, they are those that the kernel tries.
pub(crate) fn sources(options: &Options, seeds: u64, places: &[&str]) -> Done {
    let kernel = Kernel::build(&options.kernel)?;
    let has_word = |source: &Source| places.iter().any(|place| source.place.contains(place));
    let is_own = |source: &Source| places.is_empty() && are_tried_by(&options.kernel, &source.place);
    let wanted = |source: &Source| has_word(source) || is_own(source);
    let all = sources::run(&kernel, wanted, seeds, options.liberties, |one| {
        let copies = one.source.changes.len();
        eprintln!(
            "{:<44} {:<60} {copies:>3} copies {:?}",
            one.source.change, one.source.place, one.killed_by
        );
    });
    let survivors = all.iter().filter(|one| one.killed_by.is_none()).count();
    println!("{survivors} of {} changes of sources survive", all.len());
    if !places.is_empty() {
        return Ok(());
    }
    let all: Vec<_> = all.iter().map(sources::Tried::as_change).collect();
    check_survivors(&options.kernel, &all)
}
