//! The project's accepted findings: `landfall.toml` in the current directory, or in the nearest one
//! above it that has such a file.
//!
//! ```toml
//! [[check.allow]]
//! code = "code-absolute"
//! reason = "the value is a limit, and no address"
//! symbol = "limits::check"        # may be left out: accepted everywhere
//! ```

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{env, io};

use landfall_inspect::{Accepted, Code};
use thiserror::Error;
use toml::{Table, Value};

use crate::user_file::{self, Limit};

/// The reason for what `--allow CODE` accepts.
const WITHOUT_REASON: &str = "accepted on the command line";

/// The file's name.
const NAME: &str = "landfall.toml";

/// Why what is accepted cannot be known.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file is no TOML.
    #[error("{path}: {source}")]
    Toml {
        /// The file.
        path: PathBuf,
        /// The fault.
        source: Box<toml::de::Error>,
    },
    /// The file says something that means nothing.
    #[error("{path}: {what}")]
    Content {
        /// The file.
        path: PathBuf,
        /// The fault, and the valid content.
        what: String,
    },
}

/// A finding's code that `--allow` accepts, with a reason or without: `CODE=REASON` or `CODE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow(pub Accepted);

impl FromStr for Allow {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (code, reason) = text.split_once('=').unwrap_or((text, WITHOUT_REASON));
        let code: Code = code.parse().map_err(|error| format!("{error}"))?;
        if reason.trim().is_empty() {
            return Err("the reason after `=` is empty; write CODE=REASON or CODE".to_owned());
        }
        Ok(Self(Accepted { code, symbol: None, reason: reason.to_owned().into() }))
    }
}

/// Returns the project's accepted findings; none without such a file.
///
/// # Errors
/// [`SettingsError`] where the file is there and cannot be understood.
pub fn accepted() -> Result<Vec<Accepted>, SettingsError> {
    let Ok(current) = env::current_dir() else { return Ok(Vec::new()) };
    let file = current.ancestors().map(|directory| directory.join(NAME)).find(|file| file.is_file());
    file.map_or_else(|| Ok(Vec::new()), |path| read(&path))
}

/// Reads the text of such a file.
///
/// # Errors
/// Returns the words in which the command would refuse it.
pub fn is_understood(text: &str) -> Result<(), String> {
    let table: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    entries(&table).map(drop)
}

fn read(path: &Path) -> Result<Vec<Accepted>, SettingsError> {
    let bytes = user_file::read(path, Limit::SETTINGS);
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).map_err(io::Error::other));
    let text = text.map_err(|source| SettingsError::Read { path: path.to_owned(), source })?;
    let table: Table = text
        .parse()
        .map_err(|source| SettingsError::Toml { path: path.to_owned(), source: Box::new(source) })?;
    entries(&table).map_err(|what| SettingsError::Content { path: path.to_owned(), what })
}

fn entries(table: &Table) -> Result<Vec<Accepted>, String> {
    only(table, &["check"])?;
    let Some(check) = table.get("check") else { return Ok(Vec::new()) };
    let check = check.as_table().ok_or("`check` is not a table; write [[check.allow]]")?;
    only(check, &["allow"])?;
    let Some(allow) = check.get("allow") else { return Ok(Vec::new()) };
    let allow = allow.as_array().ok_or("`check.allow` is not a list; write [[check.allow]]")?;
    allow.iter().map(entry).collect()
}

fn entry(entry: &Value) -> Result<Accepted, String> {
    let entry = entry.as_table().ok_or("an entry of `check.allow` is not a table; write [[check.allow]]")?;
    only(entry, &["code", "reason", "symbol"])?;
    let word = |key: &str| match entry.get(key) {
        None => Ok(None),
        Some(value) => {
            value.as_str().map(|word| Some(word.to_owned())).ok_or_else(|| format!("`{key}` is no string"))
        }
    };
    let code = word("code")?.ok_or("an entry of `check.allow` has no `code`; add one")?;
    let reason = word("reason")?.filter(|reason| !reason.trim().is_empty());
    let reason = reason.ok_or_else(|| format!("`{code}` is accepted without a `reason`; add one"))?;
    Ok(Accepted {
        code: code.parse().map_err(|error: landfall_inspect::finding::NoCode| error.to_string())?,
        symbol: word("symbol")?.map(Into::into),
        reason: reason.into(),
    })
}

/// Refuses unknown keys, which would otherwise be ignored.
fn only(table: &Table, known: &[&str]) -> Result<(), String> {
    match table.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("`{key}` is unknown; valid keys are: {}", known.join(", "))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<Accepted>, String> {
        entries(&text.parse().expect("TOML"))
    }

    #[test]
    fn entries_have_a_code_a_reason_and_perhaps_a_symbol() {
        let text = "[[check.allow]]\ncode = \"got-entry\"\nreason = \"r\"\nsymbol = \"s\"\n[[check.allow]]\ncode = \"got-load\"\nreason = \"q\"\n";
        let accepted = parse(text).expect("two entries");
        let code_and_symbol = |entry: &Accepted| (entry.code, entry.symbol.clone());
        assert_eq!(
            accepted.iter().map(code_and_symbol).collect::<Vec<_>>(),
            [(Code::GotEntry, Some("s".into())), (Code::GotLoad, None)]
        );
        assert_eq!(parse(""), Ok(Vec::new()));
    }

    #[test]
    fn what_means_nothing_is_an_error() {
        for (text, word) in [
            ("chekc = 1", "chekc"),
            ("[check]\nallows = 1", "allows"),
            ("[check]\nallow = 1", "list"),
            ("[[check.allow]]\nreason = \"r\"", "code"),
            ("[[check.allow]]\ncode = \"got-entry\"", "reason"),
            ("[[check.allow]]\ncode = \"got-entry\"\nreason = \" \"", "reason"),
            ("[[check.allow]]\ncode = \"gott\"\nreason = \"r\"", "gott"),
            ("[[check.allow]]\ncode = 1\nreason = \"r\"", "string"),
            ("[[check.allow]]\ncode = \"got-entry\"\nreason = \"r\"\nsymbols = \"s\"", "symbols"),
        ] {
            assert!(parse(text).is_err_and(|error| error.contains(word)), "{text}");
        }
    }

    #[test]
    fn allow_takes_a_code_with_a_reason_or_without() {
        let reason = |text: &str| text.parse::<Allow>().map(|Allow(accepted)| accepted.reason.into_owned());
        assert_eq!(reason("got-entry=known").as_deref(), Ok("known"));
        assert_eq!(reason("got-entry").as_deref(), Ok(WITHOUT_REASON));
        for wrong in ["", "got-entry=", "got=known", "got", "=known"] {
            assert!(wrong.parse::<Allow>().is_err(), "{wrong}");
        }
    }
}
