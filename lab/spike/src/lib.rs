//! Boots kernels on Spike and judges them from outside.
//!
//! Spike is strict where QEMU is lenient: A and D bits, writes to `satp`, and counters that the ISA
//! string does not list. Its log of committed instructions is exact, so it shows every table that a
//! `satp` ever pointed to.
//!
//! ```text
//! matrix      the boots, by name
//!   boot        one boot: the machine, the verdict, the prediction
//!     install     Spike itself, from the Python registry
//!     firmware    OpenSBI, and the addresses by which Spike finds its console
//!     program     one ELF with firmware, trampoline and kernel
//!     tree        Spike's device tree with a paging mode and a seed
//!     machine     Spike as a process
//!     compare     the report beside the plan
//!     judge       W^X, from the log
//!       commit      one line of the log
//!       shadow      the memory that the stores in the log make up
//! ```

#![forbid(unsafe_code)]

pub mod boot;
pub mod commit;
mod compare;
pub mod firmware;
pub mod install;
pub mod judge;
pub mod machine;
pub mod matrix;
pub mod program;
pub mod shadow;
pub mod tree;
