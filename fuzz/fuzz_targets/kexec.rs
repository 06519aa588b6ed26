//! kexec: any bytes as the next image and as the running kernel's tree, and an initrd anywhere. The
//! result is an error that can be printed, or a plan that writes nothing but free memory.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landfall_fuzz_targets::kexec(bytes));
