//! The claims of the documentation about the measured tables.

use std::sync::Once;

use landfall_compare::points;
use landfall_host::qemu::Qemu;
use landfall_host::setup;

/// Returns QEMU, and makes the root of the checkout the current directory: kernels are named there.
fn qemu() -> Qemu {
    static AT_ROOT: Once = Once::new();
    AT_ROOT.call_once(|| {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        std::env::set_current_dir(root).expect("the root of the checkout");
        setup::rust_target().expect("the kernels' Rust target");
        setup::disassembler().expect("Rust's disassembler");
    });
    setup::qemu(setup::FOR_TEST).expect("QEMU")
}

#[test]
#[ignore = "builds and boots kernels that measure"]
fn relr_costs_no_code_and_a_got_costs_loads() {
    assert_eq!(points::code(&qemu()), Ok(()));
}

#[test]
#[ignore = "builds and boots kernels that measure"]
fn a_patched_conversion_loads_nothing() {
    assert_eq!(points::conversions(&qemu()), Ok(()));
}

#[test]
#[ignore = "builds and boots kernels that measure"]
fn a_mode_chosen_at_run_time_costs_little() {
    assert_eq!(points::mode(&qemu()), Ok(()));
}

#[test]
#[ignore = "builds and boots kernels that measure"]
fn the_editor_costs_at_most_as_much_as_page_table_multiarch() {
    assert_eq!(points::space(&qemu()), Ok(()));
}

#[test]
#[ignore = "builds and boots kernels that measure"]
fn placements_differ_as_the_documents_claim() {
    qemu();
    assert_eq!(points::placements(), Ok(()));
}

#[test]
#[ignore = "builds a kernel and boots it on the simulator"]
fn a_split_gigabyte_costs_what_the_documents_claim() {
    qemu();
    assert_eq!(points::split(), Ok(()));
}
