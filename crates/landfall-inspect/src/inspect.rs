//! All checks of one file.

use crate::hints::Hints;
use crate::inspection::Inspection;
use crate::subject::{Kind, Subject};
use crate::{check, code, module};

/// Checks what needs no look at instructions, which takes a fraction of the time. Checks
/// a module as a whole, without an interface.
#[must_use]
pub fn inspect_tables(subject: &Subject<'_>) -> Inspection {
    let mut inspection = Inspection::default();
    match subject.kind() {
        Kind::Module => module::check::check(subject, &Hints::default(), &mut inspection),
        _ => check::check(subject, &mut inspection),
    }
    inspection
}

/// Checks everything that can be checked in `subject`.
#[must_use]
pub fn inspect(subject: &Subject<'_>, hints: &Hints) -> Inspection {
    let mut inspection = Inspection::default();
    if subject.kind() == Kind::Module {
        module::check::check(subject, hints, &mut inspection);
    } else {
        check::check(subject, &mut inspection);
        code::check(subject, hints, &mut inspection);
    }
    inspection.sort();
    inspection
}
