//! Policy records: refused, or a policy that writes itself the same.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::policy(bytes));
