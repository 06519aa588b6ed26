//! The address of a weak symbol that is not defined: code asks whether it is null.
#![no_std]

core::arch::global_asm!(".weak nowhere");

unsafe extern "C" {
    static nowhere: u8;
}

#[unsafe(no_mangle)]
pub extern "C" fn pattern() -> *const u8 {
    &raw const nowhere
}
