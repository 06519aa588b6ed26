//! Liberties by their names.

use std::str::FromStr;

use super::Liberty;

/// A word that is the name of no liberty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no liberty has the name \"{}\"", .found.escape_debug())]
pub struct UnknownLiberty {
    /// The word.
    pub found: String,
}

impl FromStr for Liberty {
    type Err = UnknownLiberty;

    fn from_str(text: &str) -> Result<Self, UnknownLiberty> {
        let named = Self::ALL.iter().find(|liberty| liberty.name() == text);
        named.copied().ok_or_else(|| UnknownLiberty { found: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_liberty_is_found_by_its_name_and_no_other_word_is_one() {
        for &liberty in Liberty::ALL {
            assert_eq!(liberty.name().parse(), Ok(liberty));
        }
        let names: BTreeSet<_> = Liberty::ALL.iter().map(|liberty| liberty.name()).collect();
        assert_eq!(names.len(), Liberty::ALL.len());
        for word in ["", "stale leaf", "Stale-Leaf", "worst"] {
            assert_eq!(word.parse::<Liberty>(), Err(UnknownLiberty { found: word.to_owned() }));
        }
    }
}
