//! The landing costs what the record states.

use std::fs;
use std::path::Path;

use landfall_compare::landing::{self, Case, PAGE, RECORD};
use landfall_host::qemu::Qemu;
use landfall_host::setup;

fn qemu() -> Qemu {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    std::env::set_current_dir(root).expect("the root of the checkout");
    setup::rust_target().expect("the kernels' Rust target");
    setup::qemu(setup::FOR_TEST).expect("QEMU")
}

#[test]
fn the_landing_costs_what_is_recorded() {
    let qemu = qemu();
    let record = fs::read(RECORD).expect("the record");
    let record = serde_json::from_slice(&record).expect("JSON");
    let measured = landing::tables(&qemu, &Case::of_every_day(), |_| {}).expect("each case lands");
    let deviations = landing::deviations(&record, &measured);
    assert!(
        deviations.is_empty(),
        "the landing's cost has changed by more than 2 %; if that is meant, record it anew by\n    \
         cargo compare landing --record\n{}",
        deviations.join("\n")
    );
}

/// The landing has no guard below its stack. A refusal needs more of it, to format its text.
#[test]
fn the_landing_uses_less_than_half_of_its_stack() {
    let qemu = qemu();
    for (case, used, size) in landing::stacks(&qemu, &Case::of_every_day()).expect("each case lands") {
        assert!(used > 1024 && used < size / 2, "{case} uses {used} of {size} bytes");
    }
}

#[test]
fn the_page_shows_what_is_recorded() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let page = fs::read_to_string(root.join(PAGE)).expect("the page");
    let record = fs::read(root.join(RECORD)).expect("the record");
    let record = serde_json::from_slice(&record).expect("JSON");
    let expected = landing::with_tables(&page, &landing::shown(&record)).expect("a place for the tables");
    assert!(
        page == expected,
        "{PAGE} and {RECORD} differ; write both by\n    cargo compare landing --record"
    );
}
