//! Changes that survive in the code that the kernel `modules` tries.

use super::{Survivor, survivor};

const NO_LOAD: &str = "No load before the store matters to the hart that finds it.";
const NO_STORE: &str = "A reader of the table stores nothing that depends on it.";

/// The changes.
pub(super) const SURVIVORS: &[Survivor] = &[
    survivor("crates/landfall-modules/src/table.rs: fn change", "fence rw, w as fence w, w", NO_LOAD),
    survivor("crates/landfall-modules/src/table.rs: fn what_is", "fence r, rw as fence r, r", NO_STORE),
];
