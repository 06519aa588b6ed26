//! The device tree: from untrusted bytes to [`Facts`](landfall_plan::Facts).
//!
//! [`Tree::new`] screens the bytes, [`Tree::read`] reads what the landing needs with the crate
//! `dtoolkit`, and [`Seeds`] takes the entropy out of it.
//!
//! Nothing here allocates, panics on input, or contains unsafe code: it runs in the kernel's first
//! microseconds, and the same on a host.

#![no_std]
#![forbid(unsafe_code)]

mod cells;
mod chosen;
mod cpus;
mod device_type;
mod entropy;
mod isa;
mod read;
mod seeds;
mod text;
mod validate;

pub use entropy::Entropy;
pub use read::TreeContents;
pub use seeds::{MAX_SEEDS, Seeds};
pub use validate::Tree;

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
