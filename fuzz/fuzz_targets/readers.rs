//! Device trees, with two readers that share no code: equal facts, or equal refusals.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::readers(bytes));
