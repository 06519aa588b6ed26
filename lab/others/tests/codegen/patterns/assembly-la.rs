//! `la` in inline assembly.
#![no_std]

unsafe extern "C" {
    static elsewhere: u64;
}

#[unsafe(no_mangle)]
pub extern "C" fn pattern() -> *const u64 {
    let address: *const u64;
    unsafe { core::arch::asm!("la {}, {}", out(reg) address, sym elsewhere) };
    address
}
