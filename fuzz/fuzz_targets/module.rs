//! Modules: refused with everything as it was, or loaded and unloaded again without a trace.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::module(bytes));
