//! A constant array of strings.
#![no_std]

#[unsafe(no_mangle)]
pub static NAMES: [&str; 4] = ["text", "constants", "early", "data"];

#[unsafe(no_mangle)]
pub extern "C" fn pattern(which: usize) -> *const u8 {
    NAMES[which & 3].as_ptr()
}
