//! A module that harts load and unload all the time. It uses the kernel, the module `base`, and the
//! conversions of addresses.

#![no_std]

use core::sync::atomic::{AtomicU64, Ordering};

use landfall_address::{ImageAddr, LinearAddr, PhysAddr, VirtAddr, virt_to_phys};
use landfall_modules::{export, import, module, param};

// The test writes another digit into each copy of the file.
module! { name: "unit-0", init: init, exit: exit }

param!("seed", SEED: u64 = 0);
param!("fail", FAIL: bool = false);
param!("text", TEXT: [u8; 8] = *b"none\0\0\0\0");

// Bound by the build ID of the kernel.
#[import]
unsafe extern "Rust" {
    safe fn kernel_twice(pair: (u32, u64)) -> (u64, u32);
}

// Bound by name and signature.
#[import(stable)]
unsafe extern "C" {
    safe static kernel_calls: AtomicU64;
    safe fn kernel_linear(phys: u64) -> u64;
    safe fn base_add(index: usize, number: u64) -> u64;
}

/// Zero in the file, as all of `.bss`.
static RUNS: [AtomicU64; 600] = [const { AtomicU64::new(0) }; 600];

/// Functions that are called through a table.
static STEPS: [fn(u64) -> u64; 3] =
    [|number| base_add(1, number), |number| number ^ 0xff, |number| number.rotate_left(3)];

/// Runs all that the module uses, and returns a number that the kernel knows too.
#[export(stable)]
extern "C" fn unit_run(number: u64) -> u64 {
    kernel_calls.fetch_add(1, Ordering::Relaxed);
    RUNS[(number % 600) as usize].fetch_add(1, Ordering::Relaxed);
    let (number, _) = kernel_twice((7, number));
    STEPS.iter().fold(number ^ SEED.get(), |number, step| step(number))
}

/// Returns the physical address of a virtual one, and back, by constants in the module's own code.
#[export(stable)]
extern "C" fn unit_convert(linear: u64, image: u64) -> u64 {
    let phys = virt_to_phys(VirtAddr::new(linear));
    let same = LinearAddr::from_phys(phys).virt().get() == linear
        && ImageAddr::from_virt(VirtAddr::new(image)).to_phys() == virt_to_phys(VirtAddr::new(image));
    if same { phys.get() } else { 0 }
}

fn init() -> Result<(), i32> {
    if FAIL.get() {
        return Err(42);
    }
    let phys = PhysAddr::new(0x8000_0000);
    if LinearAddr::from_phys(phys).virt().get() != kernel_linear(phys.get()) {
        return Err(2);
    }
    if RUNS.iter().any(|runs| runs.load(Ordering::Relaxed) != 0) {
        return Err(3);
    }
    if TEXT.get().starts_with(b"none") { Err(4) } else { Ok(()) }
}

fn exit() {}
