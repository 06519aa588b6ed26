//! The case that a plan predicts: a file of facts, a board, or a machine whose firmware runs up to
//! the kernel's first instruction.

mod error;
mod machine;
mod source;

pub use error::PlanError;
pub use machine::at_stop;
pub use source::{PlanRequest, Source, case};
