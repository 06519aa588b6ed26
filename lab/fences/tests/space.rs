//! The kernel `space` on drawn machines: harts change the live address space against each other.

use std::sync::LazyLock;

use landfall_fences::kernel::{Image, Kernel};
use landfall_fences::site::{Site, SiteKind};
use landfall_fences::subsets::passes;
use landfall_fences::work::Work;
use landfall_fences::{landings, workers};
use landfall_hart::liberty::Liberties;

/// Machines in each run of the tests; `cargo fences space landings` runs more.
const MACHINES: usize = 16;

/// Seeds for a change that must fail.
const SEEDS: usize = 24;

/// The kernel, which is built once.
static SPACE: LazyLock<Kernel> = LazyLock::new(|| Kernel::build("space").expect("the kernel builds"));

fn directed(image: Image, words: &'static str) -> Image {
    image.with_work(Work::Space { directed: 24, rounds: 0, words })
}

/// Returns the first seed with which the image fails.
fn first_failure(image: &Image) -> Option<usize> {
    let mut failures = Vec::new();
    let work = |index: usize| passes(image, index as u64, Liberties::worst());
    workers::each(SEEDS, work, |seed, passes| failures.extend((!passes).then_some(seed)));
    failures.into_iter().min()
}

#[test]
#[ignore = "builds a kernel"]
fn harts_change_the_address_space_against_each_other_on_the_worst_harts() {
    let all = landings::run(&SPACE.image, 0, MACHINES, Liberties::worst(), |_| {});
    assert!(all.surprises.is_empty(), "{:#?}", all.surprises);
    assert_eq!(all.good, MACHINES);
}

#[test]
#[ignore = "builds a kernel"]
fn without_its_fences_of_translations_or_of_instructions_the_space_fails() {
    let kernel = &*SPACE;
    let is_local = |site: &Site| site.place.contains("machine/space/local.rs");
    for kind in [SiteKind::FenceTranslations, SiteKind::FenceInstructions, SiteKind::RemoteFence] {
        let is_wanted = |site: &&Site| site.kind == kind && (is_local(site) || kind == SiteKind::RemoteFence);
        let sites: Vec<_> = kernel.sites.iter().filter(is_wanted).collect();
        assert!(!sites.is_empty(), "{kind:?}");
        let image = kernel.with(sites.into_iter().map(|site| (site, site.removed().instruction)));
        let image = directed(image, "");
        assert!(first_failure(&image).is_some(), "{SEEDS} seeds pass without any {kind:?}");
    }
}

#[test]
#[ignore = "builds a kernel"]
fn a_fence_of_one_page_is_too_little_for_a_part_of_a_leaf_of_64_kib() {
    let image = directed(SPACE.image.clone(), "narrow");
    assert!(first_failure(&image).is_some(), "{SEEDS} seeds pass with a fence of the changed page alone");
}
