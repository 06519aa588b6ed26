//! All checks of one file.

use crate::hints::Hints;
use crate::inspection::Inspection;
use crate::subject::Subject;
use crate::{check, code};

/// Checks what needs no look at instructions, which takes a fraction of the time.
#[must_use]
pub fn inspect_tables(subject: &Subject<'_>) -> Inspection {
    let mut inspection = Inspection::default();
    check::check(subject, &mut inspection);
    inspection
}

/// Checks everything that can be checked in `subject`.
#[must_use]
pub fn inspect(subject: &Subject<'_>, hints: &Hints) -> Inspection {
    let mut inspection = inspect_tables(subject);
    code::check(subject, hints, &mut inspection);
    inspection.sort();
    inspection
}
