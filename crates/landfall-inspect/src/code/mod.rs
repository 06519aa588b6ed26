//! What instructions do.
//!
//! ```text
//! ground  where instructions stand
//! number  what registers hold
//! scan    all code, straight ahead: absolute addresses, the GOT, gp, unknown bytes
//! early   code that runs before relocation: what it depends on
//! ```

mod early;
mod ground;
mod number;
pub mod scan;

use crate::inspection::{Inspection, Options};
use crate::subject::Subject;

/// Checks all code of `subject`.
pub(crate) fn check(subject: &Subject<'_>, options: &Options, inspection: &mut Inspection) {
    scan::check(subject, inspection);
    early::check(subject, options, inspection);
}
