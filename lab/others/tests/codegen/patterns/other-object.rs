//! A static that another object defines.
#![no_std]

unsafe extern "C" {
    static elsewhere: u64;
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn pattern() -> u64 {
    unsafe { (&raw const elsewhere).read_volatile() }
}
