//! The landing costs what the record states.

use std::fs;
use std::path::Path;

use landfall_compare::landing::{self, Case, RECORD};
use landfall_host::setup;

#[test]
fn the_landing_costs_what_is_recorded() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    std::env::set_current_dir(root).expect("the root of the checkout");
    setup::rust_target().expect("the kernels' Rust target");
    let qemu = setup::qemu(setup::FOR_TEST).expect("QEMU");
    let record = fs::read(RECORD).expect("the record");
    let record = serde_json::from_slice(&record).expect("JSON");
    let mut measured = landing::measure(&qemu, &Case::of_every_day(), |_| {}).expect("each case lands");
    measured.push(landing::secondary().expect("each hart lands"));
    let deviations = landing::deviations(&record, &measured);
    assert!(
        deviations.is_empty(),
        "the landing's cost has changed by more than 2 %; if that is meant, record it anew by\n    \
         cargo compare landing --format json > {RECORD}\n{}",
        deviations.join("\n")
    );
}
