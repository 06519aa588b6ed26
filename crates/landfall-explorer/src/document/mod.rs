//! The documents of a page.
//!
//! ```text
//! shape     the check that a page can show a document
//!   value     the values of a document
//! symbols   the symbols of a kernel
//! ```

mod shape;
mod symbols;
mod value;

use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use crate::request::Request;

pub use symbols::{Base, MOST_BYTES, Symbol, Symbols};

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
    /// The symbols of the kernel's ELF, if there is one.
    pub symbols: Option<Symbols>,
}

/// JSON that no page can show.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoDocument {
    /// It is something else.
    #[error("it has neither the keys of a plan nor those of an audit")]
    Unknown,
    /// It is a plan without regions.
    #[error("it has no layout, and states no refusal")]
    NoLayout,
    /// A value is missing, or is another than its key requires.
    #[error("\"{key}\" is {found}; expected {expected}")]
    Value {
        /// The key.
        key: String,
        /// The value, cut off.
        found: String,
        /// The values that the key has.
        expected: &'static str,
    },
    /// A root has addresses of one that does not come before it.
    #[error("root {root} has addresses of a root that is no earlier one")]
    Later {
        /// The number of the root.
        root: usize,
    },
    /// Addresses overlap, or lie outside of what has them.
    #[error("\"{name}\" at {at:#x} is empty, overlaps another, or leads out of \"{outer}\"")]
    Place {
        /// The name of the addresses.
        name: String,
        /// The first address.
        at: u64,
        /// The name of what has them.
        outer: String,
    },
}

impl Document {
    /// Reads the document of a saved file. The page reads it by the same rules.
    ///
    /// # Errors
    /// [`NoDocument`] if it is no plan, no refusal and no audit, or one that a page cannot show.
    pub fn of_json(title: &str, json: Value) -> Result<Self, NoDocument> {
        let has = |key| json.get(key).is_some();
        let kind = if has("audit_format") {
            Kind::Audit
        } else if has("plan_version") || has("outcome") || (has("regions") && has("mappings")) {
            Kind::Plan
        } else {
            return Err(NoDocument::Unknown);
        };
        match kind {
            Kind::Plan => shape::plan(&json)?,
            Kind::Audit => shape::audit(&json)?,
        }
        Ok(Self { kind, title: title.to_owned(), json, request: None, command: None, symbols: None })
    }
}
