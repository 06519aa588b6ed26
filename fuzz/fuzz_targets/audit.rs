//! Untrusted memory for audits: raw, as an ELF core, and as JSON of plans and earlier audits.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::audit(bytes));
