//! What may stand behind `--policy`: a change, or the word `help`.

use std::fmt::Write;
use std::str::FromStr;

use super::{Change, ChangeError, KEYS, Key};

/// A word behind `--policy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To be told of the keys.
    Help,
    /// Another policy.
    Change(Change),
}

impl FromStr for Wish {
    type Err = ChangeError;

    fn from_str(text: &str) -> Result<Self, ChangeError> {
        if text == "help" { Ok(Self::Help) } else { text.parse().map(Self::Change) }
    }
}

impl Wish {
    /// The changes among `wishes`.
    #[must_use]
    pub fn changes(wishes: &[Self]) -> Vec<Change> {
        let change = |wish: &Self| match wish {
            Self::Help => None,
            Self::Change(change) => Some(change.clone()),
        };
        wishes.iter().filter_map(change).collect()
    }
}

/// All keys, a line each.
#[must_use]
pub fn keys() -> String {
    KEYS.iter().fold(String::new(), |mut keys, Key { name, takes, .. }| {
        let _ = write!(keys, "\n  {name:<12}{takes}");
        keys
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_no_change() {
        let wishes = ["help", "kaslr=off"].map(|word| word.parse().expect("a wish"));
        assert!(wishes[0] == Wish::Help && Wish::changes(&wishes).len() == 1);
        assert!("Help".parse::<Wish>().is_err() && "help=1".parse::<Wish>().is_err());
        assert_eq!(keys().lines().count(), KEYS.len() + 1);
    }
}
