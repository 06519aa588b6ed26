//! `cargo landfall`: builds landfall kernels and boots them on QEMU's machines.
//!
//! ```text
//! cli          what a user may ask for
//! run          one boot, from the kernel's name to the verdict
//!   kernel       which kernel, and what its file holds
//!   setup        what is missing on this computer, and how it gets there
//!   build        Cargo, the check of what it built, the flat image and its seal
//!   prepared     a kernel and its machine, made ready to boot
//!   place        where an image may lie, and the ELF that puts it there
//!   firmware     what runs before the kernel: OpenSBI, U-Boot, EDK2
//!   disk         a disk that boots
//!   tree         the seed in the machine's device tree
//!   machine      the machine, as arguments of QEMU
//!   qemu         QEMU as a process, with a console and an end
//!   verdict      what the console says about the landing
//!   screen       what a user sees of the console
//!   terminal     the user's terminal as the machine's keyboard
//!   symbolize    names for addresses on the console, or in a saved log
//!   report       the landing report
//!   measure      instructions between places of the kernel, counted from outside
//!   dump         what the boot started from, written down
//!   entry        a machine at the kernel's first instruction
//!   efi          from EFI firmware to there
//!   policy       another policy for one plan or one boot
//! debug        gdb, with symbols where the kernel is and wherever it goes
//! check        a kernel's file, verified before anybody boots it
//! plan         the address space that a machine would get, before it boots
//! new          a kernel to begin with
//! test         the proof of everything the project claims
//! compare      designs side by side: code models, conversions, the mode
//!
//! initrd       an initial RAM disk, as a user names it
//! elf          the ELF in a file's bytes
//! symbols      names and addresses in a kernel's ELF
//! gdb          the GDB remote protocol, to look into a machine
//! units        addresses and sizes as a user writes them
//! failure      what went wrong, and the exit status for it
//! output       who gets which line
//! private      files and folders for their owner alone
//! scratch      folders that go when they are done with, or when a signal comes
//! ```

#![deny(unsafe_code)]

pub mod build;
pub mod check;
pub mod cli;
pub mod compare;
pub mod debug;
pub mod disk;
pub mod dump;
mod efi;
pub mod elf;
pub mod entry;
pub mod failure;
pub mod firmware;
pub mod gdb;
pub mod initrd;
pub mod kernel;
pub mod machine;
pub mod measure;
pub mod new;
pub mod output;
mod own;
pub mod place;
pub mod plan;
pub mod policy;
pub mod prepared;
pub mod private;
pub mod qemu;
pub mod report;
pub mod run;
pub mod scratch;
mod screen;
pub mod setup;
pub mod symbolize;
pub mod symbols;
mod terminal;
pub mod test;
pub mod tree;
pub mod units;
pub mod verdict;
