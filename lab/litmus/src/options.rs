//! Options of the command.

use std::path::PathBuf;

use landfall_litmus::check::{Effort, Reason};

/// The text of `--help`.
pub(crate) const HELP: &str = "\
Checks the simulator's order of memory by litmus tests.

Usage: landfall-litmus [OPTIONS] [FOLDER]

Arguments:
  [FOLDER]            Checks each .litmus file below this folder; the generated tests without it

Options:
      --filter WORD   Checks only tests whose name contains the word
      --herd FILE     Compares the model with this output of herd
                      [default: FOLDER/model-results/herd.logs, if it exists]
      --machines N    Runs each test in up to N machines [default: 40]
      --rounds N      Runs each test N times in a machine [default: 200]
      --never         Lists each allowed outcome that did not appear, whatever the reason
  -h, --help          Prints this help

Exit status: 0 if no forbidden outcome appeared, 1 otherwise, 2 if the input is invalid.
";

/// The options.
#[derive(Debug)]
pub(crate) struct Options {
    /// The folder of tests.
    pub(crate) folder: Option<PathBuf>,
    /// A part of the tests' names.
    pub(crate) filter: String,
    /// Herd's output.
    pub(crate) herd: Option<PathBuf>,
    /// The effort for each test.
    pub(crate) effort: Effort,
    never: bool,
}

/// An invalid argument.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OptionsError {
    /// The option is unknown.
    #[error("option {0:?} is unknown; see --help")]
    Unknown(String),
    /// The option's value is missing or invalid.
    #[error("option {0} has no valid value; see --help")]
    Value(&'static str),
}

impl Options {
    /// Parses arguments; `None` asks for help.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, OptionsError> {
        let mut options = Self {
            folder: None,
            filter: String::new(),
            herd: None,
            effort: Effort { machines: 40, rounds: 200 },
            never: false,
        };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "-h" | "--help" => return Ok(None),
                "--never" => options.never = true,
                "--filter" => options.filter = arguments.next().ok_or(OptionsError::Value("--filter"))?,
                "--herd" => {
                    options.herd = Some(arguments.next().ok_or(OptionsError::Value("--herd"))?.into());
                }
                "--machines" => options.effort.machines = number("--machines", arguments.next())?,
                "--rounds" => options.effort.rounds = number("--rounds", arguments.next())?,
                folder if !folder.starts_with('-') && options.folder.is_none() => {
                    options.folder = Some(folder.into());
                }
                other => return Err(OptionsError::Unknown(other.to_owned())),
            }
        }
        Ok(Some(options))
    }

    /// Returns true if outcomes that did not appear for this reason are listed.
    pub(crate) fn lists(&self, reason: Reason) -> bool {
        self.never || reason == Reason::Unknown
    }
}

/// Parses a number of at least 1.
fn number(option: &'static str, text: Option<String>) -> Result<u32, OptionsError> {
    text.and_then(|text| text.parse().ok()).filter(|&number| number > 0).ok_or(OptionsError::Value(option))
}
