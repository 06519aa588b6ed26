//! Addresses that are fixed, and a window that stays free: for a kernel that insists on constants.
//! The physical address and the mode stay whatever they are.

#![no_std]
#![no_main]

use landfall::address::{VirtAddr, VirtRange};
use landfall::policy::{LinearPin, Modes};
use landfall::{Landing, Policy};

/// The linear map maps physical address 0 here, in every mode. The kernel lies within the last
/// 2 GiB, and the 1 GiB below it stays free.
const LINEAR: u64 = 0xffff_ffc0_0000_0000;
const KERNEL: VirtAddr = VirtAddr::new(0xffff_ffff_8000_0000);
const WINDOW: VirtAddr = VirtAddr::new(0xffff_ffff_2000_0000);

const POLICY: Policy = Policy::new()
    .with_linear_pin(Modes::All, LinearPin::Offset(LINEAR))
    .with_kernel_pin(Modes::All, KERNEL)
    .with_window(Modes::All, VirtRange::new(WINDOW, 1 << 30));

landfall::entry!(main, policy = &POLICY);

fn main(landing: &'static Landing) -> ! {
    let plan = landing.plan();
    assert_eq!(plan.image.virt.align_down(2 << 20), KERNEL);
    assert_eq!(plan.linear.offset, LINEAR);
    landfall::println!("pinned, in {}", landing.mode());
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}
