//! ACPI: whatever lies where tables should, with right sums or wrong ones, becomes a tree that the
//! screen lets through, and takes as many bytes as it said, or an error that can be told.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::acpi(bytes));
