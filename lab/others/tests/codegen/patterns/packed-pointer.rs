//! A pointer at an odd address in a packed static.
#![no_std]

#[repr(C, packed)]
pub struct Packed(u8, &'static u32);

static TARGET: u32 = 7;

#[unsafe(no_mangle)]
pub static PACKED: Packed = Packed(1, &TARGET);

#[unsafe(no_mangle)]
pub extern "C" fn pattern() -> *const Packed {
    &raw const PACKED
}
