//! Conditions on a final state.

use crate::place::{Outcome, Place};

/// A condition on a final state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Holds always.
    True,
    /// The place holds the value; places narrower than 64 bits are zero-extended.
    Equal(Place, u64),
    /// The condition does not hold.
    Not(Box<Self>),
    /// All conditions hold.
    All(Vec<Self>),
    /// One of the conditions holds.
    Any(Vec<Self>),
}

impl Condition {
    /// Returns true if the condition holds. Each place in it is among the observed.
    #[must_use]
    pub fn holds(&self, observed: &[Place], outcome: &Outcome) -> bool {
        match self {
            Self::True => true,
            Self::Equal(place, value) => {
                observed.iter().zip(outcome).any(|(other, found)| other == place && found == value)
            }
            Self::Not(inner) => !inner.holds(observed, outcome),
            Self::All(parts) => parts.iter().all(|part| part.holds(observed, outcome)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(observed, outcome)),
        }
    }

    /// Adds the places of the condition to `places`, each once.
    pub fn places(&self, places: &mut Vec<Place>) {
        match self {
            Self::True => {}
            Self::Equal(place, _) => {
                if !places.contains(place) {
                    places.push(*place);
                }
            }
            Self::Not(inner) => inner.places(places),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.places(places)),
        }
    }
}
