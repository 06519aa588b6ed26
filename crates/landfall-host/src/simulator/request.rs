//! A boot on the simulator, as a user requests it.

use std::str::FromStr;

use landfall_hart::liberty::{Liberties, Liberty, UnknownLiberty};
use thiserror::Error;

use crate::request::BootRequest;

/// A boot on the simulator, as a user requests it.
#[derive(Clone, Debug)]
pub struct SimulatorRequest {
    /// The kernel, its files and options, and the properties of the machine that its user gives.
    pub boot: BootRequest,
    /// The liberties to begin with.
    pub preset: Preset,
    /// Liberties that are added.
    pub with: Vec<Liberty>,
    /// Liberties that are removed.
    pub without: Vec<Liberty>,
    /// The seed of all choices; `None` for a fresh one.
    pub seed: Option<u64>,
    /// The most instructions of all harts together.
    pub limit: u64,
}

/// The time limit of a simulated machine, in instructions of all harts together.
pub const LIMIT: u64 = 200_000_000;

/// A set of liberties with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Preset {
    /// An ordinary machine, which takes no liberty
    Plain,
    /// Takes every liberty of the specification
    Worst,
    /// Has the errata of known parts
    Errata,
}

impl Preset {
    /// Returns the name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Worst => "worst",
            Self::Errata => "errata",
        }
    }

    fn liberties(self) -> Liberties {
        match self {
            Self::Plain => Liberties::PLAIN,
            Self::Worst => Liberties::worst(),
            Self::Errata => Liberties::errata(),
        }
    }
}

impl SimulatorRequest {
    /// Returns the liberties that the machine takes.
    #[must_use]
    pub fn liberties(&self) -> Liberties {
        let set = self.with.iter().fold(self.preset.liberties(), |set, &liberty| set.with(liberty));
        self.without.iter().fold(set, |set, &liberty| set.without(liberty))
    }
}

/// A word of `--liberties` and `--without`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LibertyArgument {
    /// A request for the list.
    Help,
    /// A liberty.
    Liberty(Liberty),
}

/// A word that is no liberty.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}; `--liberties help` lists them")]
pub struct LibertyArgumentError(#[from] UnknownLiberty);

impl FromStr for LibertyArgument {
    type Err = LibertyArgumentError;

    fn from_str(text: &str) -> Result<Self, LibertyArgumentError> {
        if text == "help" { Ok(Self::Help) } else { Ok(Self::Liberty(text.parse()?)) }
    }
}

impl LibertyArgument {
    /// Returns the liberties among `arguments`.
    #[must_use]
    pub fn liberties(arguments: &[Self]) -> Vec<Liberty> {
        let liberty = |argument: &Self| match argument {
            Self::Help => None,
            Self::Liberty(liberty) => Some(*liberty),
        };
        arguments.iter().filter_map(liberty).collect()
    }
}

/// Returns the list of all liberties with their sections, each line after a line break.
#[must_use]
pub fn list() -> String {
    Liberty::ALL.iter().fold(String::new(), |mut list, liberty| {
        let line =
            format!("\n  {:<22}{}\n  {:<22}{}", liberty.name(), liberty.about(), "", liberty.section());
        list.push_str(&line);
        list
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_liberty_or_a_request_for_the_list() {
        assert_eq!("help".parse(), Ok(LibertyArgument::Help));
        assert_eq!("old-load".parse(), Ok(LibertyArgument::Liberty(Liberty::OldLoad)));
        let error = "old".parse::<LibertyArgument>().expect_err("no liberty").to_string();
        assert_eq!(error, "no liberty has the name \"old\"; `--liberties help` lists them");
        let list = list();
        for liberty in Liberty::ALL {
            assert!(list.contains(liberty.name()) && list.contains(liberty.section()), "{list}");
        }
    }
}
