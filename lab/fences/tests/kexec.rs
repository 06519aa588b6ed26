//! The kernel `kexec` on drawn machines: it starts itself again and again.

use std::sync::LazyLock;

use landfall_fences::kernel::Kernel;
use landfall_fences::landings;
use landfall_fences::work::Work;
use landfall_hart::liberty::Liberties;

/// The kernel, which is built once.
static KEXEC: LazyLock<Kernel> = LazyLock::new(|| Kernel::build("kexec").expect("the kernel builds"));

/// Machines in each run of the tests; `cargo fences soak` runs more.
const MACHINES: usize = 2;

#[test]
#[ignore = "builds a kernel"]
fn thirty_generations_start_each_other_on_the_worst_harts() {
    let image = KEXEC.image.clone().with_work(Work::Generations { count: 30 });
    let all = landings::run(&image, 0, MACHINES, Liberties::worst(), |_| {});
    assert!(all.surprises.is_empty(), "{:#?}", all.surprises);
    assert_eq!(all.good, MACHINES);
}

#[test]
#[ignore = "builds a kernel"]
fn the_next_kernel_starts_on_each_drawn_machine_that_has_room() {
    let image = KEXEC.image.clone().with_work(Work::Generations { count: 1 });
    let all = landings::run(&image, 100, 12, Liberties::worst(), |_| {});
    assert!(all.surprises.is_empty(), "{:#?}", all.surprises);
}

#[test]
#[ignore = "builds a kernel"]
fn no_next_kernel_is_put_beyond_its_reach() {
    // In sv39, some of their RAM lies more than 128 GiB above the lowest.
    let image = KEXEC.image.clone().with_work(Work::Generations { count: 30 });
    for seed in [492, 1657, 2445] {
        let all = landings::run(&image, seed, 1, Liberties::worst(), |_| {});
        assert_eq!(all.good, 1, "{:#?}", all.surprises);
    }
}

#[test]
#[ignore = "builds a kernel"]
fn an_initrd_beyond_the_reach_is_no_initrd() {
    let image = KEXEC.image.clone().with_work(Work::Generations { count: 30 });
    let all = landings::run(&image, 377, 1, Liberties::worst(), |_| {});
    assert_eq!(all.good, 1, "{:#?}", all.surprises);
}
