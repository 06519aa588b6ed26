//! `--policy KEY=VALUE`: another policy for one plan or one boot.

mod value;
mod wish;

use landfall::{Alias, Disclosure, Kaslr, LinearPin, Mode, Modes, Physical, Placement, Policy, VirtAddr};
use landfall_plan::{Impossible, MAX_WINDOWS};
use thiserror::Error;

use crate::units::{Address, Extent, Size, UnitError};

pub use wish::{Wish, keys};

/// Every key, with what it takes.
pub const KEYS: [(&str, &str); 14] = [
    ("placement", "own-region or linear-map: where the kernel is in the address space"),
    ("alias", "read-only or absent: what the linear map has of the kernel's text and constants"),
    ("physical", "stay, pack or random: where the kernel is in physical memory"),
    ("kaslr", "on or off"),
    ("addresses", "tell or withhold: random addresses in reports"),
    ("modes", "LOWEST..HIGHEST, such as sv39..sv48"),
    ("stack", "SIZE of each hart's stack"),
    ("near", "SIZE of the near region"),
    ("dynamic", "SIZE that the dynamic region has at least"),
    ("ram", "SIZE that the linear map reaches from the lowest RAM on"),
    ("harts", "N, from 1 to 512: at most so many land"),
    ("linear-map", "base:ADDR or offset:ADDR, with @MODE for one mode alone"),
    ("kernel", "ADDR, a multiple of 2 MiB, with @MODE for one mode alone"),
    ("window", "ADDR:SIZE that stays free, in whole pages, with @MODE for one mode alone"),
];

/// One change of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Where the kernel is in the address space.
    Placement(Placement),
    /// What the linear map has of it.
    Alias(Alias),
    /// Where it is in physical memory.
    Physical(Physical),
    /// Whether addresses are random.
    Kaslr(Kaslr),
    /// Whether reports tell them.
    Addresses(Disclosure),
    /// The worst and the best mode.
    Modes(Mode, Mode),
    /// Bytes of a stack.
    Stack(Size),
    /// Bytes of the near region.
    Near(Size),
    /// Bytes of the dynamic region.
    Dynamic(Size),
    /// Bytes of RAM.
    Ram(Size),
    /// How many harts.
    Harts(u64),
    /// Where the linear map is.
    LinearMap(Modes, LinearPin),
    /// Where the kernel is.
    Kernel(Modes, Address),
    /// What stays free.
    Window(Modes, Extent),
}

/// Why a word is no change, or the policy that comes out is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChangeError {
    /// No `=`.
    #[error("\"{found}\" has no `=`: write KEY=VALUE{}", keys())]
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
    #[error("{key} cannot be \"{found}\": it takes {right}")]
    Value {
        /// The key.
        key: &'static str,
        /// The value there was.
        found: String,
        /// What would be right.
        right: &'static str,
    },
    /// No address, size or window.
    #[error("{key}: {source}")]
    Unit {
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        source: UnitError,
    },
    /// A policy holds only so many windows.
    #[error("a policy holds {MAX_WINDOWS} windows, and these are more")]
    Windows,
    /// No machine could fulfil it.
    #[error("no machine can fulfil this policy: {0}")]
    Impossible(Impossible),
}

impl Change {
    /// `policy` with all of `changes`, the last of several for one thing.
    ///
    /// # Errors
    /// [`ChangeError`] where no machine could fulfil what comes out.
    pub fn all(changes: &[Self], policy: Policy) -> Result<Policy, ChangeError> {
        let policy = changes.iter().try_fold(policy, |policy, change| change.apply(&policy))?;
        policy.check().map_err(ChangeError::Impossible)?;
        Ok(policy)
    }

    /// Everything that a builder would panic at was refused when the change was parsed.
    fn apply(self, policy: &Policy) -> Result<Policy, ChangeError> {
        Ok(match self {
            Self::Placement(placement) => policy.placement(placement),
            Self::Alias(alias) => policy.alias(alias),
            Self::Physical(physical) => policy.physical(physical),
            Self::Kaslr(kaslr) => policy.kaslr(kaslr),
            Self::Addresses(disclosure) => policy.addresses(disclosure),
            Self::Modes(lowest, highest) => policy.modes(lowest, highest),
            Self::Stack(size) => policy.stack_size(size.0),
            Self::Near(size) => policy.near_size(size.0),
            Self::Dynamic(size) => policy.dynamic_size(size.0),
            Self::Ram(size) => policy.ram_limit(size.0),
            Self::Harts(count) => policy.max_harts(count),
            Self::LinearMap(modes, pin) => policy.pin_linear_map(modes, pin),
            Self::Kernel(modes, place) => policy.pin_kernel(modes, VirtAddr::new(place.0)),
            Self::Window(..) if policy.window_count() == MAX_WINDOWS => return Err(ChangeError::Windows),
            Self::Window(modes, extent) => policy.window(modes, VirtAddr::new(extent.base.0), extent.size.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(words: &[&str]) -> Result<Policy, ChangeError> {
        let changes = words.iter().map(|word| word.parse()).collect::<Result<Vec<_>, _>>()?;
        Change::all(&changes, Policy::new())
    }

    #[test]
    fn every_key_changes_its_wish() {
        let offset = 0xffff_ffc0_0000_0000;
        let start = VirtAddr::new(0xffff_fff0_0000_0000);
        for (word, expected) in [
            ("placement=linear-map", Policy::new().placement(Placement::LinearMap)),
            ("alias=absent", Policy::new().alias(Alias::Absent)),
            ("physical=pack", Policy::new().physical(Physical::Pack)),
            ("kaslr=off", Policy::new().kaslr(Kaslr::Disabled)),
            ("addresses=tell", Policy::new().addresses(Disclosure::Tell)),
            ("modes=sv39..sv48", Policy::new().modes(Mode::Sv39, Mode::Sv48)),
            ("modes=sv48", Policy::new().modes(Mode::Sv48, Mode::Sv48)),
            ("stack=8K", Policy::new().stack_size(8 << 10)),
            ("near=0", Policy::new().near_size(0)),
            ("dynamic=1G", Policy::new().dynamic_size(1 << 30)),
            ("ram=4G", Policy::new().ram_limit(4 << 30)),
            ("harts=2", Policy::new().max_harts(2)),
            (
                "linear-map=offset:0xffffffc000000000@sv39",
                Policy::new().pin_linear_map(Modes::Only(Mode::Sv39), LinearPin::Offset(offset)),
            ),
            (
                "linear-map=base:0xffffffc000000000@sv39",
                Policy::new().pin_linear_map(Modes::Only(Mode::Sv39), LinearPin::Base(VirtAddr::new(offset))),
            ),
            ("kernel=0xfffffff000000000", Policy::new().pin_kernel(Modes::All, start)),
            ("window=0xfffffff000000000:16G", Policy::new().window(Modes::All, start, 16 << 30)),
        ] {
            assert_eq!(policy(&[word]), Ok(expected), "{word}");
        }
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
            assert!(policy(&[word]).is_err(), "{word:?} was taken for a wish");
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
