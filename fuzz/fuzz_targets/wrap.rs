//! Inner kernels of any bytes.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::wrap(bytes));
