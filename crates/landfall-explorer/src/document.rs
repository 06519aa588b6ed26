//! The documents of a page.

use serde::Serialize;
use serde_json::Value;

use crate::request::Request;

/// The kind of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A plan, as `plan --format json` prints it.
    Plan,
    /// An audit, as `audit --format json` prints it.
    Audit,
}

/// One address space to be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Document {
    /// The kind of `json`.
    pub kind: Kind,
    /// The title for people.
    pub title: String,
    /// The object.
    pub json: Value,
    /// The request that gives the same plan; `None` for one that cannot be made anew.
    pub request: Option<Request>,
    /// The command line that made it.
    pub command: Option<String>,
}

impl Document {
    /// Returns the document of a saved file; `None` if it is neither a plan nor an audit.
    #[must_use]
    pub fn of_json(title: &str, json: Value) -> Option<Self> {
        let kind = if json.get("audit_format").is_some() {
            Kind::Audit
        } else if json.get("plan_version").is_some() || json.get("outcome").is_some() {
            Kind::Plan
        } else {
            return None;
        };
        Some(Self { kind, title: title.to_owned(), json, request: None, command: None })
    }
}
