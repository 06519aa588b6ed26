//! All RAM by its use, and the region of an address.

#![no_std]
#![no_main]

use landfall::Landing;
use landfall::address::{LinearAddr, PhysRange, VirtAddr};
use landfall::memory::RamUse;

landfall::entry!(main);

fn main(landing: &'static Landing) -> ! {
    let mut free = 0;
    for part in landing.ram() {
        landfall::println!("{} {}", part.range, part.usage);
        if part.usage == RamUse::Free {
            free += part.range.size();
        }
    }
    assert_eq!(free, landing.free_memory().map(PhysRange::size).sum::<u64>());

    // A trap handler names addresses so.
    let local = 0_u8;
    let lowest = landing.free_memory().next().map(|free| LinearAddr::from_phys(free.start()).virt());
    let addresses = [
        Some(VirtAddr::new(main as *const () as u64)),
        Some(VirtAddr::new((&raw const local).addr() as u64)),
        lowest,
    ];
    for address in addresses.into_iter().flatten() {
        match landing.what_is(address) {
            Some(region) => landfall::println!("an address in: {region}"),
            None => landfall::println!("an address outside"),
        }
    }
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}
