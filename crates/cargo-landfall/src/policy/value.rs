//! A change as a user writes it: `KEY=VALUE`.

use std::str::FromStr;

use landfall::{Alias, Disclosure, Kaslr, LinearPin, Mode, Modes, Physical, Placement, Policy, VirtAddr};

use landfall_plan::MAX_HARTS;

use super::{Change, ChangeError, KEYS};
use crate::units::{Address, Size, UnitError};

impl FromStr for Change {
    type Err = ChangeError;

    fn from_str(text: &str) -> Result<Self, ChangeError> {
        let form = || ChangeError::Form { found: text.to_owned() };
        let (name, value) = text.split_once('=').ok_or_else(form)?;
        let unknown = || ChangeError::Key { found: name.to_owned() };
        let (key, right) = KEYS.into_iter().find(|(key, _)| *key == name).ok_or_else(unknown)?;
        Value { key, right, text: value }.change()
    }
}

/// A value on its way to a change.
#[derive(Clone, Copy)]
struct Value<'a> {
    key: &'static str,
    right: &'static str,
    text: &'a str,
}

impl<'a> Value<'a> {
    fn wrong(self) -> ChangeError {
        ChangeError::Value { key: self.key, found: self.text.to_owned(), right: self.right }
    }

    fn choice<T: Copy>(self, choices: &[(&str, T)]) -> Result<T, ChangeError> {
        let found = choices.iter().find(|(name, _)| *name == self.text);
        found.map(|(_, value)| *value).ok_or_else(|| self.wrong())
    }

    fn unit<T: FromStr<Err: Into<UnitError>>>(self, text: &str) -> Result<T, ChangeError> {
        text.parse().map_err(|source: T::Err| ChangeError::Unit { key: self.key, source: source.into() })
    }

    fn size(self, right: &'static str, fits: fn(u64) -> bool) -> Result<Size, ChangeError> {
        let size: Size = self.unit(self.text)?;
        if fits(size.0) { Ok(size) } else { Err(Self { right, ..self }.wrong()) }
    }

    /// What stands before `@MODE`, and the modes.
    fn modes(self) -> Result<(&'a str, Modes), ChangeError> {
        match self.text.split_once('@') {
            None => Ok((self.text, Modes::All)),
            Some((value, mode)) => {
                let mode = Mode::from_name(mode).ok_or_else(|| self.wrong())?;
                Ok((value, Modes::Only(mode)))
            }
        }
    }

    fn change(self) -> Result<Change, ChangeError> {
        use Change as C;
        Ok(match self.key {
            "placement" => C::Placement(
                self.choice(&[("own-region", Placement::OwnRegion), ("linear-map", Placement::LinearMap)])?,
            ),
            "alias" => C::Alias(self.choice(&[("read-only", Alias::ReadOnly), ("absent", Alias::Absent)])?),
            "physical" => C::Physical(self.choice(&[
                ("stay", Physical::Stay),
                ("pack", Physical::Pack),
                ("random", Physical::Random),
            ])?),
            "kaslr" => C::Kaslr(self.choice(&[("on", Kaslr::Enabled), ("off", Kaslr::Disabled)])?),
            "addresses" => {
                C::Addresses(self.choice(&[("tell", Disclosure::Tell), ("withhold", Disclosure::Withhold)])?)
            }
            "modes" => self.mode_range()?,
            "stack" => C::Stack(self.size("a multiple of 4 KiB, from 8 KiB to 1 MiB", |size| {
                (8192..=Policy::MAX_STACK).contains(&size) && size.is_multiple_of(4096)
            })?),
            "near" => C::Near(self.size("a multiple of 2 MiB, at most 1 GiB", |size| {
                size <= Policy::MAX_NEAR && size.is_multiple_of(2 << 20)
            })?),
            "dynamic" => C::Dynamic(self.unit(self.text)?),
            "ram" => {
                C::Ram(self.size("a multiple of 1 GiB", |size| size != 0 && size.is_multiple_of(1 << 30))?)
            }
            "harts" => {
                let count = self.text.parse().ok().filter(|count| (1..=MAX_HARTS as u64).contains(count));
                C::Harts(count.ok_or_else(|| self.wrong())?)
            }
            "linear-map" => self.linear_map()?,
            "kernel" => {
                let (value, modes) = self.modes()?;
                C::Kernel(modes, self.unit(value)?)
            }
            _ => {
                let (value, modes) = self.modes()?;
                C::Window(modes, self.unit(value)?)
            }
        })
    }

    fn mode_range(self) -> Result<Change, ChangeError> {
        let modes = self.text.split_once("..").unwrap_or((self.text, self.text));
        match (Mode::from_name(modes.0), Mode::from_name(modes.1)) {
            (Some(lowest), Some(highest)) if lowest <= highest => Ok(Change::Modes(lowest, highest)),
            _ => Err(self.wrong()),
        }
    }

    fn linear_map(self) -> Result<Change, ChangeError> {
        let (value, modes) = self.modes()?;
        let (kind, address) = value.split_once(':').ok_or_else(|| self.wrong())?;
        let address: Address = self.unit(address)?;
        let pin = match kind {
            "base" => LinearPin::Base(VirtAddr::new(address.0)),
            "offset" => LinearPin::Offset(address.0),
            _ => return Err(self.wrong()),
        };
        Ok(Change::LinearMap(modes, pin))
    }
}
