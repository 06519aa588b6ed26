//! A constant of 64 bits, which compilers compute or keep in memory.
#![no_std]

#[unsafe(no_mangle)]
pub extern "C" fn pattern(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x0123_4567_89ab_cdef
}
