//! The kinds of faults. Their names stay, because scripts hold them.
//!
//! A code is one row of `table.rs`; everything else about it comes from that row.

mod rows;
mod table;

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

pub use table::Code;

/// The meaning of a finding of one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The fault, in one line.
    pub title: &'static str,
    /// The reason why it is a fault.
    pub why: &'static str,
    /// Remedies, most likely cause first.
    pub fixes: &'static [&'static str],
}

/// A row of the table.
struct Row {
    name: &'static str,
    explanation: Explanation,
}

/// A word that is no code.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{found}\" is no code of a finding; those are: {}", Code::ALL.map(Code::name).join(", "))]
pub struct NoCode {
    /// The word that was found.
    pub found: String,
}

impl Code {
    /// Returns the name, which is the same in text, JSON and options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Returns the meaning of a finding of this code, and its remedies.
    #[must_use]
    pub const fn explanation(self) -> &'static Explanation {
        &self.row().explanation
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Code {
    type Err = NoCode;

    fn from_str(text: &str) -> Result<Self, NoCode> {
        let named = Self::ALL.into_iter().find(|code| code.name() == text);
        named.ok_or_else(|| NoCode { found: text.to_owned() })
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_leads_back_to_its_code() {
        for (index, code) in Code::ALL.into_iter().enumerate() {
            assert_eq!(code.name().parse(), Ok(code));
            assert_eq!(code as usize, index, "findings are counted by this index");
        }
        assert!("usually".parse::<Code>().is_err_and(|error| error.to_string().contains("leaf-wx")));
    }

    #[test]
    fn every_code_has_an_explanation_of_its_own() {
        let titles: BTreeSet<_> = Code::ALL.map(|code| code.explanation().title).into();
        assert_eq!(titles.len(), Code::ALL.len(), "two codes have one title");
        let names: BTreeSet<_> = Code::ALL.map(Code::name).into();
        assert_eq!(names.len(), Code::ALL.len(), "two codes have one name");
        for code in Code::ALL {
            let Explanation { title, why, fixes } = code.explanation();
            assert!(!title.is_empty() && why.len() > 20 && !fixes.is_empty(), "{code}");
        }
    }
}
