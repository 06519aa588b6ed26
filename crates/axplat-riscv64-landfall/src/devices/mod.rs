//! The devices of a board: found in its tree, then mapped.
//!
//! ```text
//! bus         addresses on buses, and what the CPU sees of them
//! node        what a node says of itself
//! registers   ranges of registers, few enough to be listed
//! tree        which devices there are
//! controller  the controller of their interrupts
//! outputs     the number by which it knows each CPU
//! imsic       the same, if interrupts are messages
//! trigger     the event that a source reports
//! refusal     a controller whose description is invalid
//! map         their place in virtual memory
//! ```

mod bus;
mod controller;
mod imsic;
#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
mod map;
mod node;
mod outputs;
mod refusal;
mod registers;
#[cfg(test)]
mod tests;
mod tree;
mod trigger;

#[cfg(all(target_arch = "riscv64", not(any(unix, windows)), feature = "irq"))]
pub(crate) use controller::{Controller, Kind};
#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub(crate) use map::{Frames, Mapped};
#[cfg(all(target_arch = "riscv64", not(any(unix, windows)), feature = "irq"))]
pub(crate) use outputs::Outputs;
#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub(crate) use registers::MAX_REGISTERS;
#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub(crate) use tree::find;
#[cfg(all(target_arch = "riscv64", not(any(unix, windows)), feature = "irq"))]
pub(crate) use {tree::Found, trigger::Trigger, trigger::Triggers};
