//! A kernel that knows `axplat` alone: it says what it finds, and looks whether memory and clocks
//! are as they should be.

#![no_std]
#![no_main]

extern crate axplat_riscv64_landfall;

use core::panic::PanicInfo;
use core::sync::atomic::{AtomicUsize, Ordering};

use axplat::console_println;
use axplat::mem::{
    PhysAddr, VirtAddr, mmio_ranges, phys_ram_ranges, phys_to_virt, reserved_phys_ram_ranges, total_ram_size,
    virt_to_phys,
};
use axplat::time::Duration;

/// `.data` and `.bss` are there, and constants are where pointers say.
static INITIALISED: AtomicUsize = AtomicUsize::new(0x600d);
static ZEROED: AtomicUsize = AtomicUsize::new(0);
static WORDS: [&str; 2] = ["Hello", "ArceOS"];

#[axplat::main]
fn main(cpu_id: usize, arg: usize) -> ! {
    axplat::init::init_early(cpu_id, arg);
    axplat::init::init_later(cpu_id, arg);
    console_println!("{}, {}!", WORDS[0], WORDS[1]);
    console_println!("CPU {cpu_id} of {}", axplat::power::cpu_num());
    console_println!("RAM {} MiB", total_ram_size() >> 20);
    for (start, size) in reserved_phys_ram_ranges() {
        console_println!("reserved {start:#x}..{:#x}", start + size);
    }
    for (start, size) in mmio_ranges() {
        console_println!("registers {start:#x}..{:#x}", start + size);
    }
    statics();
    memory();
    clock();
    axplat::power::system_off()
}

fn statics() {
    assert_eq!(INITIALISED.swap(1, Ordering::Relaxed), 0x600d);
    assert_eq!(ZEROED.fetch_add(1, Ordering::Relaxed), 0);
    let place = VirtAddr::from_ptr_of(&raw const ZEROED);
    let again = phys_to_virt(virt_to_phys(place));
    // SAFETY: both addresses lead to the atomic word.
    let word = unsafe { &*again.as_ptr_of::<AtomicUsize>() };
    assert_eq!(word.swap(7, Ordering::Relaxed), 1);
    assert_eq!(ZEROED.load(Ordering::Relaxed), 7);
    console_println!("axplat: statics ok");
}

/// Words all over RAM, its ends included, that are neither reserved nor the kernel's can be written
/// and read.
fn memory() {
    let stack = 0_usize;
    let own = [VirtAddr::from_ptr_of(&raw const stack), VirtAddr::from_ptr_of(main as *const ())];
    let own = own.map(|address| virt_to_phys(address).as_usize());
    let is_in = |at: usize, ranges: &[(usize, usize)]| {
        ranges.iter().any(|(start, size)| (*start..start + size).contains(&at))
    };
    assert!(own.iter().all(|at| is_in(*at, phys_ram_ranges())), "the kernel is not in RAM");
    assert!(
        !own.iter().any(|at| is_in(*at, reserved_phys_ram_ranges())),
        "the kernel's own place is reserved"
    );
    let mut tried = 0;
    for (start, size) in phys_ram_ranges() {
        for at in (0..=16).map(|part| (start + (size - 8) / 16 * part) & !7) {
            // The kernel may take 4 MiB to either side.
            if is_in(at, reserved_phys_ram_ranges()) || own.iter().any(|own| own.abs_diff(at) < 4 << 20) {
                continue;
            }
            let place = phys_to_virt(PhysAddr::from_usize(at));
            assert_eq!(virt_to_phys(place).as_usize(), at);
            let place = place.as_mut_ptr_of::<usize>();
            // SAFETY: that memory has no other user.
            unsafe { place.write_volatile(at ^ 0x5555) };
            // SAFETY: as above.
            assert_eq!(unsafe { place.read_volatile() }, at ^ 0x5555);
            tried += 1;
        }
    }
    assert!(tried > 0);
    console_println!("axplat: memory ok");
}

fn clock() {
    use axplat::time::{busy_wait, monotonic_time, nanos_to_ticks, ticks_to_nanos};
    let before = monotonic_time();
    busy_wait(Duration::from_millis(2));
    assert!(monotonic_time() >= before + Duration::from_millis(2));
    let second = nanos_to_ticks(1_000_000_000);
    assert!(second >= 1_000_000, "{second} ticks a second");
    assert_eq!(ticks_to_nanos(second), 1_000_000_000);
    console_println!("axplat: clock ok");
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    console_println!("landfall: panic {info}");
    axplat::power::system_off()
}
