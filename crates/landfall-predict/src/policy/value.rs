//! A value as a user writes it, on its way to a change.

use std::ops::RangeInclusive;
use std::str::FromStr;

use landfall_paging::Mode;
use landfall_plan::policy::Modes;

use super::ChangeError;
use crate::units::{Size, UnitError};

/// The text behind `=`, with the name of its key and the values that the key takes.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    pub(super) key: &'static str,
    pub(super) takes: &'static str,
    pub(super) text: &'a str,
}

impl<'a> Value<'a> {
    pub(super) fn wrong(self) -> ChangeError {
        ChangeError::Value { key: self.key, found: self.text.to_owned(), right: self.takes }
    }

    pub(super) fn choice<T: Copy>(self, choices: &[(&str, T)]) -> Result<T, ChangeError> {
        let found = choices.iter().find(|(name, _)| *name == self.text);
        found.map(|(_, value)| *value).ok_or_else(|| self.wrong())
    }

    pub(super) fn unit<T: FromStr<Err: Into<UnitError>>>(self, text: &str) -> Result<T, ChangeError> {
        text.parse().map_err(|source: T::Err| ChangeError::Unit { key: self.key, source: source.into() })
    }

    pub(super) fn size(self, takes: &'static str, fits: fn(u64) -> bool) -> Result<u64, ChangeError> {
        let Size(size) = self.unit(self.text)?;
        if fits(size) { Ok(size) } else { Err(Self { takes, ..self }.wrong()) }
    }

    /// Returns the text before `@MODE`, and the modes.
    pub(super) fn modes(self) -> Result<(&'a str, Modes), ChangeError> {
        match self.text.split_once('@') {
            None => Ok((self.text, Modes::All)),
            Some((value, mode)) => {
                let mode = Mode::from_name(mode).ok_or_else(|| self.wrong())?;
                Ok((value, Modes::Only(mode)))
            }
        }
    }

    pub(super) fn mode_range(self) -> Result<RangeInclusive<Mode>, ChangeError> {
        let (lowest, highest) = self.text.split_once("..").unwrap_or((self.text, self.text));
        match (Mode::from_name(lowest), Mode::from_name(highest)) {
            (Some(lowest), Some(highest)) if lowest <= highest => Ok(lowest..=highest),
            _ => Err(self.wrong()),
        }
    }
}
