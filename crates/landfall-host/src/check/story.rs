//! The text of `--explain`: all about a code.

use std::fmt;

use landfall_inspect::Code;

/// The story of a code.
#[derive(Clone, Copy, Debug)]
pub struct Story(pub Code);

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(code) = self;
        let story = code.explanation();
        writeln!(f, "{code}: {}\n\n{}\n\nWhat to do, most likely cause first:", story.title, story.why)?;
        for fix in story.fixes {
            writeln!(f, "  - {fix}")?;
        }
        write!(
            f,
            "\nIf it is known to be right, accept it: --allow {code}=REASON, or in the project's landfall.toml:\n\n\
             [[check.allow]]\ncode = \"{code}\"\nreason = \"...\"\n# only in one function or object: symbol = \"...\""
        )
    }
}
