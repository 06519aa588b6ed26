//! Device trees: whatever the screen lets through is read, and its seeds taken, without panic, and
//! is still sound afterwards.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::tree(bytes));
