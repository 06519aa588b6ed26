//! Untrusted files for `check`: ELFs and flat images.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::check(bytes));
