//! Each change of an order in modules and in kexec is noticed, or has its reason.

use landfall_fences::kernel::Kernel;
use landfall_fences::sources::{self, Source, are_tried_by};
use landfall_fences::survivors;
use landfall_hart::liberty::Liberties;

/// The seeds that each change has, in order. Known survivors have none: `cargo fences KERNEL
/// sources` tries them.
const SEEDS: u64 = 48;

fn check(name: &str, least: usize) {
    let kernel = Kernel::build(name).expect("the kernel builds");
    let known = survivors::of(name);
    let is_known = |source: &Source| known.iter().any(|survivor| survivor.is(&source.place, &source.change));
    let wanted = |source: &Source| are_tried_by(name, &source.place) && !is_known(source);
    let all = sources::run(&kernel, wanted, SEEDS, Liberties::worst(), |_| {});
    let survivors = all.iter().filter(|tried| tried.killed_by.is_none());
    let survivors: Vec<_> = survivors.map(|tried| (&tried.source.place, &tried.source.change)).collect();
    assert!(survivors.is_empty(), "nothing notices these changes: {survivors:#?}");
    assert!(all.len() >= least, "only {} changes", all.len());
}

#[test]
#[ignore = "builds a kernel and modules"]
fn each_change_in_modules_without_a_reason_to_survive_is_killed() {
    check("modules", 8);
}

#[test]
#[ignore = "builds a kernel"]
fn each_change_in_kexec_without_a_reason_to_survive_is_killed() {
    check("kexec", 12);
}
