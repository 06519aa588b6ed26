//! What instructions do.
//!
//! ```text
//! ground  where instructions stand
//! number  what registers hold
//! scan    all code, straight ahead: absolute addresses, the GOT, gp, unknown bytes
//! early   code that runs before relocation: what it depends on
//! sites   patched constants          reach   what may run before they are patched
//! objects what an address belongs to
//! ```

mod early;
mod ground;
mod number;
mod objects;
mod reach;
pub mod scan;
mod sites;

use crate::inspection::{Inspection, Options};
use crate::subject::Subject;

/// Checks all code of `subject`.
pub(crate) fn check(subject: &Subject<'_>, options: &Options, inspection: &mut Inspection) {
    let early = early::check(subject, options, inspection);
    scan::check(subject, &early, inspection);
    sites::check(subject, &early, inspection);
}
