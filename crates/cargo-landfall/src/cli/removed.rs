//! Commands of earlier versions, and the commands that replace them.

use std::ffi::OsStr;

use thiserror::Error;

/// A command that this version does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("`{name}` is not a command of this version; {cause}; {help}")]
pub(crate) struct Removed {
    /// The name.
    name: &'static str,
    /// The reason.
    cause: &'static str,
    /// The command that replaces it.
    help: &'static str,
}

/// All removed commands, one a row.
const REMOVED: [Removed; 1] = [Removed {
    name: "compare",
    cause: "it measures the designs of Landfall itself, and needs its sources",
    help: "run `cargo compare` in a checkout of Landfall",
}];

impl Removed {
    /// Returns the removed command that a user asks for.
    pub(crate) fn find(verb: Option<&OsStr>) -> Option<Self> {
        REMOVED.into_iter().find(|removed| verb == Some(OsStr::new(removed.name)))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn a_removed_command_is_not_a_command() {
        for Removed { name, .. } in REMOVED {
            assert!(Cli::command().find_subcommand(name).is_none(), "{name}");
        }
    }

    #[test]
    fn each_message_names_the_command_that_replaces_it() {
        for removed in REMOVED {
            assert!(removed.to_string().contains("run `"), "{removed}");
        }
    }
}
