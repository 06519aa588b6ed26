//! ACPI: any bytes in the place of tables, with right sums or wrong ones. The result is an error
//! that can be printed, or a tree of the announced size that the reader accepts.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::acpi(bytes));
