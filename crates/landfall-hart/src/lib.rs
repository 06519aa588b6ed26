//! Simulates RISC-V machines that take every liberty of the specification.
//!
//! ```text
//! config     a machine: harts, memory, devices, its device tree, and its entry
//! machine    runs the harts in turns, until an outcome
//! hart       the state of a hart: registers, CSRs, traps, interrupts
//! isa        instructions, decoded
//! execute    executes one decoded instruction
//! world      all that the harts share; the accesses of a hart to it
//! memory     physical memory, the log of stores, the order in which harts see them
//! translation  page-table walks, and what a hart may still use of earlier ones
//! fetch      instructions, and what a hart may still fetch of earlier ones
//! message    what the firmware makes one hart do for another
//! explain    why a run failed
//! device     the ns16550, the PLIC, the APLIC
//! sbi        the firmware's calls
//! tlb        a model of translation caches that counts
//! liberty    the freedoms of the specification, and the choices among them
//! ```

mod access;
pub mod config;
mod device;
mod execute;
mod explain;
mod fetch;
mod hart;
mod isa;
pub mod liberty;
mod machine;
mod memory;
mod message;
mod sbi;
pub mod tlb;
mod translation;
mod world;

pub use explain::{Decisive, Explanation, StaleUse, explain, explain_with};
pub use machine::{HartState, Inspected, Inspector, Machine, Outcome};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
