//! The commands: each prints what it finds, and fails if it finds a fault.

mod explain;
mod landings;
mod mutants;
mod subsets;

pub(crate) use explain::explain;
pub(crate) use landings::{landings, soak};
pub(crate) use mutants::{mutants, sites, sources};
pub(crate) use subsets::subsets;

use std::error::Error;

/// The result of a command.
type Done = Result<(), Box<dyn Error>>;
