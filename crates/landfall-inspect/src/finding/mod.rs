//! Findings: fact, place, cause and help.

mod code;
mod place;

use std::borrow::Cow;

pub use code::{Area, Code, Explanation, NoCode};
pub use place::{At, Place};

use crate::units::Address;

/// Something that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which kind of fault; it stays the same from version to version.
    pub code: Code,
    /// The place. [`Subject::place`](crate::Subject::place) names it.
    pub at: At,
    /// The value found there, and the right one.
    pub found: String,
    /// The help for this case, before the help of the code.
    pub hint: Option<Cow<'static, str>>,
    /// The way that leads to the fault: addresses of calls and jumps, from a root of the early code
    /// to [`Finding::at`].
    pub chain: Vec<Address>,
}

impl Finding {
    /// A finding.
    #[must_use]
    pub fn new(code: Code, at: impl Into<At>, found: impl Into<String>) -> Self {
        Self { code, at: at.into(), found: found.into(), hint: None, chain: Vec::new() }
    }

    /// With advice for this very case.
    #[must_use]
    pub fn hint(self, hint: impl Into<Cow<'static, str>>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// With the way that leads there.
    #[must_use]
    pub fn chain(self, chain: Vec<Address>) -> Self {
        Self { chain, ..self }
    }
}
