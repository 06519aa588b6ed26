//! Requests for audits.

use crate::format::Format;
use crate::known::Known;
use crate::limits::Limits;
use crate::root::{Origin, Root};

/// A request for an audit.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The roots, each with the reason to audit it. None should be there twice.
    pub roots: Vec<(Root, Origin)>,
    /// The format of entries.
    pub format: Format,
    /// Facts that tables do not contain.
    pub known: Known,
    /// Limits.
    pub limits: Limits,
}
