//! Results of herd, the reference implementation of the axiomatic model, to compare this one with.

use std::collections::{BTreeMap, BTreeSet};

use crate::inst::Reg;
use crate::test::{Outcome, Place, Test};

/// The final states of each test, by the test's name.
#[derive(Clone, Debug, Default)]
pub struct Herd(BTreeMap<String, Vec<BTreeSet<State>>>);

/// A final state: the value of each printed place.
type State = BTreeMap<String, String>;

/// A difference between this model and herd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// States that this model allows, and herd forbids.
    pub more: Vec<String>,
    /// States that herd allows, and this model forbids.
    pub fewer: Vec<String>,
}

impl Herd {
    /// Parses herd's output.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut results: BTreeMap<String, Vec<BTreeSet<State>>> = BTreeMap::new();
        let mut current = None;
        let mut left = 0;
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("Test ") {
                current = rest.split_once(' ').and_then(|(name, _)| {
                    let tests = results.entry(name.to_owned()).or_default();
                    tests.push(BTreeSet::new());
                    tests.last_mut()
                });
            } else if let Some(count) = line.strip_prefix("States ") {
                left = count.trim().parse().unwrap_or(0_usize);
            } else if left > 0 {
                left -= 1;
                if let Some(states) = &mut current {
                    states.insert(state(line));
                }
            }
        }
        Self(results)
    }

    /// Returns the number of tests.
    #[must_use]
    pub fn tests(&self) -> usize {
        self.0.len()
    }

    /// Compares the outcomes that this model allows with herd's; `None` if herd has no result.
    #[must_use]
    pub fn compare(&self, test: &Test, allowed: &BTreeSet<Outcome>) -> Option<Result<(), Difference>> {
        // Tests of different folders can have one name; those that print other places are not
        // meant.
        let places: BTreeSet<String> = test.observed.iter().map(|&place| test.place_name(place)).collect();
        let is_meant = |expected: &&BTreeSet<State>| {
            expected.iter().flat_map(BTreeMap::keys).all(|place| places.contains(place))
        };
        let compared = self
            .0
            .get(&test.name)?
            .iter()
            .filter(is_meant)
            .map(|expected| difference(test, allowed, expected));
        compared.fold(None, |result, next| match result {
            Some(Ok(())) => result,
            _ => Some(next),
        })
    }
}

/// Compares the outcomes that this model allows with the states of one of herd's tests.
fn difference(
    test: &Test,
    allowed: &BTreeSet<Outcome>,
    expected: &BTreeSet<State>,
) -> Result<(), Difference> {
    let places: BTreeSet<&String> = expected.iter().flat_map(BTreeMap::keys).collect();
    let ours: BTreeSet<State> = allowed.iter().map(|outcome| project(test, outcome, &places)).collect();
    let difference = Difference {
        more: ours.difference(expected).map(print).collect(),
        fewer: expected.difference(&ours).map(print).collect(),
    };
    if difference.more.is_empty() && difference.fewer.is_empty() { Ok(()) } else { Err(difference) }
}

/// Parses a state: `0:x5=1; [x]=2;`.
fn state(line: &str) -> State {
    let parts = line.split(';').filter_map(|part| part.trim().split_once('='));
    parts.map(|(place, value)| (spelling(place), value.trim_matches(['[', ']']).to_owned())).collect()
}

/// Returns a place in this crate's spelling.
fn spelling(place: &str) -> String {
    match place.split_once(':') {
        Some((hart, register)) => {
            Reg::named(register).map_or_else(|| place.to_owned(), |register| format!("{hart}:{register}"))
        }
        None => place.trim_matches(['[', ']']).to_owned(),
    }
}

/// Returns the part of an outcome that herd prints, in its spelling.
fn project(test: &Test, outcome: &Outcome, places: &BTreeSet<&String>) -> State {
    let values = test.observed.iter().zip(outcome).map(|(&place, &value)| {
        let value = test.name_of(value).map_or_else(|| signed(test, place, value), str::to_owned);
        (test.place_name(place), value)
    });
    values.filter(|(place, _)| places.contains(place)).collect()
}

/// Returns a value in decimals, with the sign that its place has.
fn signed(test: &Test, place: Place, value: u64) -> String {
    let value = match place {
        Place::Register(..) => value,
        Place::Memory(location) => test.locations[location].width.extend(value),
    };
    value.cast_signed().to_string()
}

/// Prints a state.
fn print(state: &State) -> String {
    state.iter().map(|(place, value)| format!("{place}={value};")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_abi_and_brackets_are_spelled_alike() {
        let expected = State::from([("0:x10".to_owned(), "1".to_owned()), ("x".to_owned(), "y".to_owned())]);
        assert_eq!(state("0:a0=1; [x]=y;"), expected);
    }
}
