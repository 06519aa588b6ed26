//! The kernel `modules` on drawn machines: harts load, call and unload modules against each other.

use landfall_fences::kernel::Kernel;
use landfall_fences::landings;
use landfall_hart::liberty::Liberties;

/// Machines in each run of the tests; `cargo fences modules landings` runs more.
const MACHINES: usize = 8;

#[test]
#[ignore = "builds a kernel and modules"]
fn harts_load_and_unload_modules_against_each_other_on_the_worst_harts() {
    let kernel = Kernel::build("modules").expect("the kernel builds");
    let all = landings::run(&kernel.image, 0, MACHINES, Liberties::worst(), |_| {});
    assert!(all.surprises.is_empty(), "{:#?}", all.surprises);
    assert_eq!(all.good, MACHINES);
}
