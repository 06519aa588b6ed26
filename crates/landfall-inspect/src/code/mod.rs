//! Checks of instructions.
//!
//! ```text
//! ground  where instructions stand
//! number  what registers hold
//! frames  stack frames that the guard below a stack does not catch
//! scan    all code, straight ahead: absolute addresses, the GOT, gp, unknown bytes
//! early   code that runs before relocation: what it depends on
//! sites   patched constants          reach   what may run before they are patched
//! objects what an address belongs to
//! ```

mod early;
mod frames;
mod ground;
mod number;
mod objects;
mod reach;
pub mod scan;
mod sites;

use crate::hints::Hints;
use crate::inspection::Inspection;
use crate::subject::{Kept, Subject};

/// Checks all code of `subject`.
pub(crate) fn check(subject: &Subject<'_>, hints: &Hints, inspection: &mut Inspection) {
    lost_names(subject, inspection);
    frames::check(subject, inspection);
    let early = early::check(subject, hints, inspection);
    scan::check(subject, &early, inspection);
    sites::check(subject, &early, inspection);
}

/// Reports the skipped checks if some names are gone. If all are, `check` reports it.
fn lost_names(subject: &Subject<'_>, inspection: &mut Inspection) {
    match (subject.symbols().kept(), subject.kind().is_landfall()) {
        (Kept::Some, true) => inspection.skip(
            "early code, what runs before constants are patched, and bytes in code that are no instruction",
            "local symbols are gone (`strip -x`), which say where functions end and data stands among code; check the ELF before that",
        ),
        (Kept::Some, false) => inspection.skip(
            "bytes in code that are no instruction",
            "the file has no mapping symbols ($x, $d), which say where data stands among code",
        ),
        (Kept::All | Kept::None, _) => {}
    }
}
