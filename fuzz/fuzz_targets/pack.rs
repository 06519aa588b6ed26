//! ELFs with relocations that a linker did not pack.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::pack(bytes));
