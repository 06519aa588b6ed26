//! Boot header, landfall record and seal of an untrusted image.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::image(bytes));
