//! A boot in the explorer's page: `landfall-hart` runs the recorded kernel, instruction by
//! instruction.
//!
//! ```text
//! request   the machine
//! boot      a machine that goes to any instruction of its run
//! symbols   the functions of the kernel
//! step      the step of docs/landing.md that a function belongs to
//! tracker   finds the first instruction of each step
//! tables    an audit of the page tables, as they are now
//! ```
//!
//! A machine without liberties repeats its run. So going back is a new run. The first
//! run finds the first instruction of each step and the kernel's root table.

mod boot;
mod request;
mod step;
mod symbols;
mod tables;
mod tracker;

pub use boot::Boot;
pub use request::Request;
