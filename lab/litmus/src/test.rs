//! A litmus test: what each hart executes, what memory and registers hold before, and which part of
//! the final state is observed.

use crate::condition::Condition;
use crate::inst::{Inst, Reg, Width};
pub use crate::place::{Outcome, Place};

/// A litmus test.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// Its locations in memory.
    pub locations: Vec<Location>,
    /// Its harts.
    pub harts: Vec<Program>,
    /// Final states that count; all without a filter.
    pub filter: Option<Condition>,
    /// The quantifier of the final condition.
    pub quantifier: Quantifier,
    /// The final condition.
    pub condition: Condition,
    /// The observed part of the final state, in the order of outcomes.
    pub observed: Vec<Place>,
}

/// A location in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Its name.
    pub name: String,
    /// Its width.
    pub width: Width,
    /// Its value before.
    pub value: Value,
}

/// The part of one hart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// The values of registers before; the others hold 0.
    pub registers: Vec<(Reg, Value)>,
    /// The instructions.
    pub code: Vec<Inst>,
}

/// A value before the test runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Number(u64),
    /// The address of a location, by index.
    Address(usize),
    /// The address of an instruction: a hart, and an index into its instructions.
    Code(usize, usize),
}

/// The quantifier of a final condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// Some final state meets the condition.
    Exists,
    /// No final state meets the condition.
    NotExists,
    /// All final states meet the condition.
    Forall,
}

impl Test {
    /// The physical address of the first location.
    ///
    /// It is below 2 GiB, so that a load of a word returns an address without its sign.
    pub const DATA: u64 = 0x4010_0000;
    /// The physical address of the first hart's first instruction.
    pub const CODE: u64 = 0x4008_0000;
    /// The distance between the instructions of two harts.
    pub const CODE_STRIDE: u64 = 0x1000;

    /// Returns the address of a location.
    ///
    /// The first has a page of its own, each further two share one, and no two share a reservation
    /// set.
    #[must_use]
    pub const fn address(location: usize) -> u64 {
        Self::DATA + location.div_ceil(2) as u64 * 0x1000 + location as u64 * 0x100
    }

    /// Returns the address of an instruction.
    #[must_use]
    pub const fn code(hart: usize, index: usize) -> u64 {
        Self::CODE + hart as u64 * Self::CODE_STRIDE + 4 * index as u64
    }

    /// Returns the name of a place, as the litmus format spells it.
    #[must_use]
    pub fn place_name(&self, place: Place) -> String {
        match place {
            Place::Register(hart, register) => format!("{hart}:{register}"),
            Place::Memory(location) => self.locations[location].name.clone(),
        }
    }

    /// Returns an outcome in the litmus format: `0:x5=1; x=2;`.
    #[must_use]
    pub fn format(&self, outcome: &Outcome) -> String {
        let parts = self.observed.iter().zip(outcome).map(|(&place, &value)| {
            let value = self.name_of(value).map_or_else(|| value.to_string(), str::to_owned);
            format!("{}={value};", self.place_name(place))
        });
        parts.collect::<Vec<_>>().join(" ")
    }

    /// Returns the name of the location at an address.
    #[must_use]
    pub fn name_of(&self, address: u64) -> Option<&str> {
        let mut locations = self.locations.iter().enumerate();
        locations.find(|(at, _)| Self::address(*at) == address).map(|(_, location)| location.name.as_str())
    }

    /// Returns true if the outcome counts.
    #[must_use]
    pub fn counts(&self, outcome: &Outcome) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.holds(&self.observed, outcome))
    }

    /// Returns true if the outcome meets the final condition.
    #[must_use]
    pub fn meets(&self, outcome: &Outcome) -> bool {
        self.condition.holds(&self.observed, outcome)
    }
}

impl Value {
    /// Returns the value as a register or memory holds it.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Number(value) => value,
            Self::Address(location) => Test::address(location),
            Self::Code(hart, index) => Test::code(hart, index),
        }
    }
}
