//! What instructions do.

use crate::inspection::{Inspection, Options};
use crate::subject::Subject;

/// Checks all code of `subject`.
pub(crate) fn check(_subject: &Subject<'_>, _options: &Options, _inspection: &mut Inspection) {}
