//! The settings of a run, from the environment: the arguments belong to the harness.

use std::env;
use std::sync::OnceLock;

use landfall_predict::units::Seed;

use landfall_host::random::Random;

/// The variable that chooses the fresh batch, 16 hex digits as an earlier run printed them.
pub(super) const SEED: &str = "LANDFALL_SEED";
/// The variable that asks for thousands of boots.
pub(super) const SOAK: &str = "LANDFALL_SOAK";

/// The number of boots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Minutes on two cores.
    Normal,
    /// Hours.
    Soak,
}

/// The settings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) extent: Extent,
    /// The seed of the batch that is another in each run.
    pub(super) seed: Seed,
}

impl Settings {
    /// Returns the settings of this process. The seed is random unless the environment has one.
    pub(super) fn get() -> Result<Self, String> {
        static SETTINGS: OnceLock<Result<Settings, String>> = OnceLock::new();
        SETTINGS
            .get_or_init(|| {
                let word = |name| env::var_os(name).map(|word| word.to_string_lossy().into_owned());
                Self::parse(word(SEED).as_deref(), word(SOAK).as_deref())
            })
            .clone()
    }

    fn parse(seed: Option<&str>, soak: Option<&str>) -> Result<Self, String> {
        let seed = match seed {
            Some(seed) => seed.parse().map_err(|error| format!("{SEED} is \"{seed}\"; {error}"))?,
            None => Seed(Random::fresh_seed().map_err(|error| format!("cannot read /dev/urandom; {error}"))?),
        };
        let extent = match soak {
            None | Some("" | "0") => Extent::Normal,
            Some("1") => Extent::Soak,
            Some(other) => return Err(format!("{SOAK} is \"{other}\"; set it to 1, or remove it")),
        };
        Ok(Self { extent, seed })
    }

    /// Returns the assignments that repeat this run, as a shell takes them.
    pub(super) fn assignments(self) -> String {
        let soak = if self.extent == Extent::Soak { format!("{SOAK}=1 ") } else { String::new() };
        format!("{soak}{SEED}={}", self.seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_that_was_printed_is_taken_again() {
        let first = Settings::parse(None, Some("1")).expect("settings");
        let words = first.assignments();
        let seed = words.strip_prefix("LANDFALL_SOAK=1 LANDFALL_SEED=").expect("both assignments");
        let again = Settings::parse(Some(seed), None).expect("settings");
        assert_eq!((again.seed, again.extent), (first.seed, Extent::Normal));
    }

    #[test]
    fn a_setting_that_is_none_is_named() {
        for (seed, soak, variable) in [(Some("seed"), None, SEED), (None, Some("yes"), SOAK)] {
            let error = Settings::parse(seed, soak).expect_err("no setting");
            assert!(error.starts_with(variable), "{error}");
        }
    }
}
