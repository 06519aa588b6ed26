//! Traps that nothing handles, and addresses.

use core::arch::asm;
use core::hint::black_box;

use landfall::Landing;

/// Prints where `load` is: now, and as it was linked.
pub(crate) fn addresses(landing: &Landing) {
    unsafe extern "C" {
        static __landfall_image_start: u8;
    }
    let here = load as *const () as u64;
    let offset = here - (&raw const __landfall_image_start) as u64;
    landfall::println!("runs at {here:#x}");
    landfall::println!("linked at {:016x}", 0xffff_ffff_0000_0000 + offset);
    landfall::println!("no function {:#x}", landing.plan().image.virt.get() - 1);
}

/// Calls the function at address 0.
pub(crate) fn call_null() {
    // SAFETY: none. This is the fault under test: the lower half is not mapped.
    unsafe { asm!("jalr zero", out("ra") _) };
}

/// Reads 8 bytes.
pub(crate) fn load(address: u64) {
    let nowhere = core::ptr::with_exposed_provenance::<u64>(usize::try_from(address).unwrap_or_default());
    // SAFETY: none. This is the fault under test.
    black_box(unsafe { nowhere.read_volatile() });
}

/// Executes 0, which is no instruction.
pub(crate) fn illegal() {
    // SAFETY: none. This is the fault under test.
    unsafe { asm!(".word 0") };
}
