//! A number that the linker script gives a name, read as the address of that name.
#![no_std]

unsafe extern "C" {
    static absolute: u8;
}

#[unsafe(no_mangle)]
pub extern "C" fn pattern() -> u64 {
    (&raw const absolute) as u64
}
