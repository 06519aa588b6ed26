//! The words of `--policy`, a line each: refused with a sentence, or a policy that survives its
//! record and is planned for.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::change(bytes));
