//! `--policy KEY=VALUE`: another policy for one plan or one boot.
//!
//! ```
//! use landfall_plan::Policy;
//! use landfall_predict::policy::{Change, ChangeError};
//!
//! let change: Change = "stack=128K".parse()?;
//! let policy = Change::all(&[change], Policy::new())?;
//! assert_eq!(policy.stack_size(), 128 << 10);
//! assert!(matches!("stacks=128K".parse::<Change>(), Err(ChangeError::Key { .. })));
//! # Ok::<(), ChangeError>(())
//! ```

mod argument;
mod key;
mod remedy;
mod value;

use std::fmt;
use std::str::FromStr;

use landfall_plan::Policy;
use landfall_plan::policy::{Impossible, MAX_WINDOWS};
use thiserror::Error;

use crate::units::UnitError;
use value::Value;

pub use argument::{PolicyArgument, keys};
pub use key::{KEYS, Key};

/// One change of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    key: &'static Key,
    value: String,
}

/// A reason why a word is not a change, or the resulting policy is invalid.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChangeError {
    /// No `=`.
    #[error("\"{found}\" has no `=`; write KEY=VALUE with one of these keys{}", keys())]
    Form {
        /// The word there was.
        found: String,
    },
    /// No such key.
    #[error("a policy has no key \"{found}\"; its keys are{}", keys())]
    Key {
        /// The word before `=`.
        found: String,
    },
    /// Not a value of that key.
    #[error("{key} cannot be \"{found}\"; it takes {right}")]
    Value {
        /// The key.
        key: &'static str,
        /// The value there was.
        found: String,
        /// The valid values.
        right: &'static str,
    },
    /// No address, size or window.
    #[error("{key}: {source}")]
    Unit {
        /// The key.
        key: &'static str,
        /// The fault.
        source: UnitError,
    },
    /// A policy holds only so many windows.
    #[error("a policy holds at most {MAX_WINDOWS} windows; remove some")]
    Windows,
    /// No machine could fulfill it.
    #[error("no machine can fulfill this policy: {impossible}{}", .remedy.as_ref().map_or_else(String::new, |remedy| format!("; {remedy}")))]
    Impossible {
        /// The setting that no machine can fulfill.
        impossible: Impossible,
        /// A setting that would do, if another mode or place suffices.
        remedy: Option<String>,
    },
}

impl Change {
    /// `policy` with all of `changes`, the last of several for one thing.
    ///
    /// # Errors
    /// Returns [`ChangeError`] if no machine could fulfill the result.
    pub fn all(changes: &[Self], policy: Policy) -> Result<Policy, ChangeError> {
        let result = Self::apply_all(changes, &policy)?;
        result.check().map_err(|impossible| {
            let words: Vec<_> = changes.iter().map(Self::to_string).collect();
            let holds = |words: &[String]| {
                let others = words.iter().map(|word| word.parse()).collect::<Result<Vec<_>, _>>();
                let other = others.and_then(|others| Self::apply_all(&others, &policy));
                other.is_ok_and(|other| other.check().is_ok())
            };
            ChangeError::Impossible { impossible, remedy: remedy::remedy(&words, &result.modes(), &holds) }
        })?;
        Ok(result)
    }

    fn apply_all(changes: &[Self], policy: &Policy) -> Result<Policy, ChangeError> {
        changes.iter().try_fold(*policy, |policy, change| change.apply(&policy))
    }

    fn apply(&self, policy: &Policy) -> Result<Policy, ChangeError> {
        let Key { name, takes, set } = *self.key;
        set(Value { key: name, takes, text: &self.value }, policy)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key.name, self.value)
    }
}

impl FromStr for Change {
    type Err = ChangeError;

    fn from_str(text: &str) -> Result<Self, ChangeError> {
        let form = || ChangeError::Form { found: text.to_owned() };
        let (name, value) = text.split_once('=').ok_or_else(form)?;
        let unknown = || ChangeError::Key { found: name.to_owned() };
        let key = KEYS.iter().find(|key| key.name == name).ok_or_else(unknown)?;
        let change = Self { key, value: value.to_owned() };
        change.apply(&Policy::new())?;
        Ok(change)
    }
}

#[cfg(test)]
mod tests {
    use landfall_paging::{Mode, VirtAddr, VirtRange};
    use landfall_plan::policy::{
        Alias, Disclosure, Kaslr, LinearPin, Modes, PhysicalPlacement, Placement, TablePlacement,
    };

    use super::*;

    fn policy(words: &[&str]) -> Result<Policy, ChangeError> {
        let changes = words.iter().map(|word| word.parse()).collect::<Result<Vec<_>, _>>()?;
        Change::all(&changes, Policy::new())
    }

    #[test]
    fn every_key_changes_its_setting() {
        let offset = 0xffff_ffc0_0000_0000;
        let start = VirtAddr::new(0xffff_fff0_0000_0000);
        for (word, expected) in [
            ("placement=linear-map", Policy::new().with_placement(Placement::LinearMap)),
            ("alias=absent", Policy::new().with_alias(Alias::Absent)),
            ("physical=pack", Policy::new().with_physical_placement(PhysicalPlacement::Pack)),
            ("tables=lowest", Policy::new().with_table_placement(TablePlacement::Lowest)),
            ("kaslr=off", Policy::new().with_kaslr(Kaslr::Disabled)),
            ("addresses=disclose", Policy::new().with_disclosure(Disclosure::Disclose)),
            ("modes=sv39..sv48", Policy::new().with_modes(Mode::Sv39..=Mode::Sv48)),
            ("modes=sv48", Policy::new().with_modes(Mode::Sv48..=Mode::Sv48)),
            ("stack=8K", Policy::new().with_stack_size(8 << 10)),
            ("near=0", Policy::new().with_near_size(0)),
            ("dynamic=1G", Policy::new().with_dynamic_size(1 << 30)),
            ("ram=4G", Policy::new().with_ram_limit(4 << 30)),
            ("harts=2", Policy::new().with_max_harts(2)),
            (
                "linear-map=offset:0xffffffc000000000@sv39",
                Policy::new().with_linear_pin(Modes::Only(Mode::Sv39), LinearPin::Offset(offset)),
            ),
            (
                "linear-map=base:0xffffffc000000000@sv39",
                Policy::new()
                    .with_linear_pin(Modes::Only(Mode::Sv39), LinearPin::Base(VirtAddr::new(offset))),
            ),
            ("kernel=0xfffffff000000000", Policy::new().with_kernel_pin(Modes::All, start)),
            (
                "window=0xfffffff000000000:16G",
                Policy::new().with_window(Modes::All, VirtRange::new(start, 16 << 30)),
            ),
        ] {
            assert_eq!(policy(&[word]), Ok(expected), "{word}");
        }
    }

    #[test]
    fn a_size_that_does_not_fit_is_refused_with_those_that_do() {
        for (word, right) in [
            ("stack=5K", "stack cannot be \"5K\"; it takes a multiple of 4 KiB, from 8 KiB to 1 MiB"),
            ("near=3M", "near cannot be \"3M\"; it takes a multiple of 2 MiB, at most 1 GiB"),
            ("ram=1M", "ram cannot be \"1M\"; it takes a multiple of 1 GiB"),
        ] {
            assert_eq!(policy(&[word]).expect_err(word).to_string(), right);
        }
    }

    #[test]
    fn an_impossible_policy_names_a_setting_that_would_do() {
        for (words, remedy) in [
            (
                &["linear-map=base:0xffff800000000000"][..],
                "write linear-map=base:0xffff800000000000@sv48 or modes=sv48..sv57",
            ),
            (
                &["modes=sv39..sv48", "kernel=0xffffffc000000000"],
                "write kernel=0xffffffc000000000@sv48 or modes=sv48",
            ),
            (
                &["window=0xffff900000000000:1G"],
                "write window=0xffff900000000000:1G@sv48 or modes=sv48..sv57",
            ),
            (&["dynamic=1T"], "write modes=sv48..sv57"),
            (&["dynamic=200T"], "write modes=sv57"),
            (&["placement=linear-map", "kernel=0xffffffff00000000"], "placement=own-region"),
        ] {
            let error = policy(words).expect_err("no machine").to_string();
            assert!(error.ends_with(remedy), "{words:?}: {error}");
            for word in remedy.trim_start_matches("write ").split(" or ") {
                // A word takes the place of one with its key and value, or is added.
                let others = words.iter().copied().filter(|other| !word.starts_with(other));
                assert!(policy(&others.chain([word]).collect::<Vec<_>>()).is_ok(), "{words:?} with {word}");
            }
        }
        let error = policy(&["dynamic=16777215T"]).expect_err("no machine").to_string();
        assert!(!error.contains("write"), "{error}");
    }

    #[test]
    fn what_no_policy_says_is_an_error_and_no_panic() {
        for word in [
            "",
            "kaslr",
            "=",
            "kaslr=",
            "kaslr=maybe",
            "Kaslr=on",
            "modes=sv57..sv39",
            "modes=sv32",
            "stack=0",
            "stack=5K",
            "stack=2M",
            "near=3M",
            "near=2G",
            "ram=0",
            "ram=1M",
            "harts=0",
            "harts=513",
            "harts=18446744073709551616",
            "harts=-1",
            "linear-map=0x0",
            "linear-map=top:0x0",
            "linear-map=base:0x0",
            "linear-map=base:0xffffffc000000001",
            "kernel=0x1000",
            "kernel=0xfffffff000000000@sv32",
            "kernel=0xfffffff000001000",
            "window=0xfffffff000000000",
            "dynamic=x",
            "window=0x1000:4K",
            "window=0xfffffff000000000:1",
            "dynamic=16777215T",
            "ram=1023T",
        ] {
            assert!(policy(&[word]).is_err(), "{word:?} was taken for a policy");
        }
        assert_eq!(policy(&["window=0xfffffff000000000:4K"; 9]), Err(ChangeError::Windows));
        assert!(policy(&["placement=linear-map", "kernel=0xfffffff000000000"]).is_err());
    }

    #[test]
    fn an_unknown_key_is_told_from_a_word_without_a_value() {
        let found = |word: &str| word.parse::<Change>().expect_err("no change");
        assert_eq!(found("colour=red"), ChangeError::Key { found: "colour".to_owned() });
        assert_eq!(found("kaslr"), ChangeError::Form { found: "kaslr".to_owned() });
    }

    #[test]
    fn the_last_of_several_counts() {
        assert_eq!(policy(&["kaslr=off", "kaslr=on"]), Ok(Policy::new()));
    }
}
