//! The devices of a board: found in its tree, then mapped.
//!
//! ```text
//! bus         addresses on buses, and what the CPU sees of them
//! node        what a node says of itself
//! registers   ranges of registers, few enough to be listed
//! tree        which devices there are
//! map         their place in virtual memory
//! ```

mod bus;
#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
mod map;
mod node;
mod registers;
#[cfg(test)]
mod tests;
mod tree;

#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub(crate) use map::{Frames, Mapped};
#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub(crate) use registers::MAX_REGISTERS;
#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub(crate) use tree::find;
