//! The sites of a kernel, and their changes.

use landfall_fences::kernel::Kernel;
use landfall_fences::site::{Site, SiteKind};
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

/// Returns true if a site's place has one of the words, or if there are none.
fn is_wanted(site: &Site, places: &[&str]) -> bool {
    places.is_empty() || places.iter().any(|place| site.place.contains(place))
}

/// Tries each change of each site.
pub(crate) fn mutants(options: &Options, seeds: u64, places: &[&str]) -> Done {
    let kernel = Kernel::build(&options.kernel)?;
    if mutants::kills(&kernel.image, 0, options.liberties) {
        return Err("the kernel itself fails".into());
    }
    let wanted = |site: &Site, _: &_| is_wanted(site, places);
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
    let faults = survivors::faults(&all);
    for fault in &faults {
        println!("{fault}");
    }
    if faults.is_empty() { Ok(()) } else { Err("the list of survivors is wrong".into()) }
}

/// Tries each change of each line of source, in all places to which the compiler has copied it.
pub(crate) fn sources(options: &Options, seeds: u64, places: &[&str]) -> Done {
    let kernel = Kernel::build(&options.kernel)?;
    let wanted = |site: &Site| site.kind != SiteKind::CsrWrite && is_wanted(site, places);
    let all = sources::run(&kernel, wanted, seeds, options.liberties, |one| {
        let copies = one.source.changes.len();
        eprintln!(
            "{:<44} {:<60} {copies:>3} copies {:?}",
            one.source.change, one.source.place, one.killed_by
        );
    });
    let survivors = all.iter().filter(|one| one.killed_by.is_none()).count();
    println!("{survivors} of {} changes of sources survive", all.len());
    Ok(())
}
