//! A board's device tree, and behind it what `plan --dtb` takes as options: a plan, or a sentence.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::board(bytes));
