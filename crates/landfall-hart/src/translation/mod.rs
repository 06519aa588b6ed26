//! Page-table walks, and what a hart may still use of earlier ones.

/// What a hart may still use of earlier page-table entries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Translations {}
