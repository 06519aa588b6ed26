//! Files of facts: refused with a sentence, or facts that write themselves the same and are planned
//! for, with this kernel or another.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::facts(bytes));
