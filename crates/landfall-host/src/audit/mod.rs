//! `cargo landfall audit`: the page tables of a machine, and its audit.
//!
//! ```text
//! live       a QEMU that runs: stopped, read, and resumed
//! snapshot   the tables of a stopped machine
//! harts      the roots that harts use
//! ```

pub mod harts;
pub mod live;
pub mod snapshot;
