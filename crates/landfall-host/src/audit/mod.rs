//! `cargo landfall audit`: the page tables of a machine, and its audit.
//!
//! ```text
//! request    an audit as a user requests it
//! audited    the steps, in their order
//! source     a live machine, a core, or raw memory
//!   live       a QEMU that runs: stopped, read, and resumed
//!   snapshot   the tables of a stopped machine
//!   notes      the satp that the notes of a core state
//!   searched   a file that is searched for roots, with its progress
//! harts      the roots that harts use, and their stacks
//! facts      facts of the user's files: the device tree, symbols, the layout
//!   linux      the image of Linux, by its symbols
//! files      those files: regular ones, up to a size
//! against    differences from a plan or another audit
//! decided    the plan of a landed kernel, by the decisions in its memory
//! landed     a landfall kernel that stands at its main, or a simulated machine at its end
//! shown      the result as text and JSON
//! error      errors
//! ```

mod against;
mod audited;
mod decided;
mod error;
mod facts;
mod files;
pub mod harts;
#[cfg(test)]
mod hostile;
mod landed;
mod linux;
pub mod live;
pub(crate) mod notes;
mod request;
mod searched;
mod shown;
pub mod snapshot;
mod source;

pub use against::{Against, Compared};
pub use audited::{Audited, audited};
pub use decided::{Decided, NoDecisions, Read};
pub use error::AuditError;
pub use landed::{at_main, simulated};
pub use request::{AuditRequest, Comparison, Entries, Hints, LayoutOf, Source};
pub use shown::Shown;
