//! EFI: whatever tree the screen lets through, with any memory map and command line, becomes a tree
//! that the screen lets through, and takes as many bytes as it said.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::efi(bytes));
