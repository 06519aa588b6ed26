//! Each subset of a kernel's fences.

use std::time::Instant;

use landfall_fences::kernel::Kernel;
use landfall_fences::site::{Site, SiteKind};
use landfall_fences::subsets;

use super::Done;
use crate::options::Options;

/// Places of the landing's own fences: not those of the console, and of code after it.
const LANDING: [&str; 8] = [
    "landfall_probe",
    "landfall_move",
    "landfall_copier",
    "landfall_leap_fence",
    "landfall_landed",
    "landfall_wait_for_release",
    "landfall_secondary",
    "landfall_secondary_landed",
];

/// Returns the fences in places with one of the words; without a word, those of the landing itself.
fn wanted_fences<'a>(kernel: &'a Kernel, places: &[&str]) -> Vec<&'a Site> {
    if places.is_empty() {
        return landing_fences(kernel);
    }
    let is_wanted = |site: &&Site| places.iter().any(|place| site.place.contains(place));
    kernel.sites.iter().filter(|site| site.kind != SiteKind::CsrWrite).filter(is_wanted).collect()
}

/// Returns the fences of the landing itself.
fn landing_fences(kernel: &Kernel) -> Vec<&Site> {
    let is_fence = |site: &&Site| !matches!(site.kind, SiteKind::CsrWrite | SiteKind::Atomic);
    let publishes = |site: &Site| site.text() == "fence rw, ow";
    let is_landing = |site: &&Site| LANDING.contains(&site.place.as_str()) || publishes(site);
    kernel.sites.iter().filter(is_fence).filter(is_landing).collect()
}

/// Tries each subset.
pub(crate) fn subsets(options: &Options, seeds: u64, places: &[&str]) -> Done {
    let kernel = Kernel::build(&options.kernel)?;
    let fences = wanted_fences(&kernel, places);
    let started = Instant::now();
    let count = 1 << fences.len();
    let all = subsets::run(&kernel, &fences, seeds, options.liberties, |finished| {
        if finished % 64 == 0 {
            eprintln!("{finished} of {count} subsets, {} s", started.elapsed().as_secs());
        }
    });
    for (bit, fence) in fences.iter().enumerate() {
        let single = all.failing.get(&(1 << bit));
        println!(
            "{bit:>2} {:<16} {:<44} alone {single:?}, witness {:?}",
            fence.text(),
            fence.place,
            all.witness(bit)
        );
    }
    println!(
        "{} of {count} subsets fail; {} landings, {} s",
        all.failing.len(),
        all.landings,
        started.elapsed().as_secs()
    );
    Ok(())
}
