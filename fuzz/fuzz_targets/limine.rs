//! A loaded kernel, in which the requests of the Limine boot protocol are. Its words are often
//! those of the protocol: a byte of the input selects one, or eight bytes are one.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::limine(bytes));
