//! The device tree: from untrusted bytes to [`Facts`](crate::Facts).
//!
//! [`Tree::new`] screens the bytes, [`Tree::read`] reads what the landing needs with the crate `dtoolkit`, and
//! [`Seeds`] takes the entropy out of it.

mod cells;
mod read;
mod screen;
mod seeds;

pub use read::Found;
pub use screen::{MAX_DEPTH, MAX_SIZE, Tree};
pub use seeds::{Entropy, SeedPlace, Seeds};
