//! Reboots the machine once. A word at the end of RAM marks the second boot. QEMU keeps RAM
//! over a reset, if it is started with `-- -action reboot=reset`.

#![no_std]
#![no_main]

use landfall::Landing;
use landfall::address::LinearAddr;

landfall::entry!(main);

const MARK: u64 = u64::from_le_bytes(*b"rebooted");

fn main(landing: &'static Landing) -> ! {
    let Some(last) = landing.free_memory().last() else { landfall::exit(1) };
    let word: *mut u64 = LinearAddr::from_phys(last.end() - 8).as_ptr();
    // SAFETY: the word lies in free memory, which has no other owner.
    let mark = unsafe { word.read_volatile() };
    if mark == MARK {
        // SAFETY: as above.
        unsafe { word.write_volatile(0) };
        landfall::println!("this is the boot after the reboot");
        landfall::println!("landfall: report {}", landing.report().json());
        landfall::exit(0)
    }
    // SAFETY: as above.
    unsafe { word.write_volatile(MARK) };
    landfall::println!("the kernel reboots the machine");
    landfall::reboot()
}
