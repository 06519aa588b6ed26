//! Landfall for kernels in C: the functions and structures of `include/landfall.h`.
//!
//! The header documents them for their users. Each file here holds those of one topic.
//!
//! ```text
//! entry     calls the C kernel's main and its function for the other harts
//! landing   the landing, as a C structure
//! harts     the harts, and their stacks
//! memory    RAM by its use, free memory, mappings
//! console   output, and the report
//! end       exit, power-off, reboot, panic
//! entropy   random bytes
//! trap      the trap entry
//! tables    the landing's tables, for kernels that replace them
//! space     the live address space
//! modules   code that comes at run time
//! kexec     the start of another kernel
//! ```
//!
//! Every symbol begins with `lf_`. On a host the library is empty.

#![cfg_attr(target_os = "none", no_std)]

#[cfg(all(target_arch = "riscv64", target_os = "none"))]
mod target {
    #![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

    mod console;
    mod end;
    mod entropy;
    mod entry;
    mod error;
    mod frames;
    mod harts;
    mod kexec;
    mod landing;
    mod memory;
    mod modules;
    mod output;
    mod range;
    mod space;
    mod tables;
    mod trap;
}
