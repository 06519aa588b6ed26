//! The value of `--policy`: a change of the policy, or the word `help`.

use std::fmt::Write;
use std::str::FromStr;

use super::{Change, ChangeError, KEYS, Key};

/// The value of one `--policy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyArgument {
    /// A request for the list of keys.
    Help,
    /// A change of one key.
    Change(Change),
}

impl FromStr for PolicyArgument {
    type Err = ChangeError;

    fn from_str(text: &str) -> Result<Self, ChangeError> {
        if text == "help" { Ok(Self::Help) } else { text.parse().map(Self::Change) }
    }
}

impl PolicyArgument {
    /// Returns the changes among `arguments`.
    #[must_use]
    pub fn changes(arguments: &[Self]) -> Vec<Change> {
        let change = |argument: &Self| match argument {
            Self::Help => None,
            Self::Change(change) => Some(change.clone()),
        };
        arguments.iter().filter_map(change).collect()
    }
}

/// Returns the list of all keys, one a line, each line after a line break.
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
        let arguments = ["help", "kaslr=off"].map(|word| word.parse().expect("an argument"));
        assert!(arguments[0] == PolicyArgument::Help && PolicyArgument::changes(&arguments).len() == 1);
        assert!("Help".parse::<PolicyArgument>().is_err() && "help=1".parse::<PolicyArgument>().is_err());
        assert_eq!(keys().lines().count(), KEYS.len() + 1);
    }
}
