//! EFI: any tree that the reader accepts, with any memory map and command line. The result is a
//! tree of the announced size that the reader accepts.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::efi(bytes));
