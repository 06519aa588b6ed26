//! The places in the built page that a command fills.

/// The place of the documents.
pub const DOCUMENTS: &str = "<!--landfall:documents-->";
/// The place of the engine.
pub const ENGINE: &str = "<!--landfall:engine-->";
