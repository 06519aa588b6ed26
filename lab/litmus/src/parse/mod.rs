//! The `.litmus` format of the public suite, for RISC-V.
//!
//! ```text
//! sections    name, initial state, columns and final condition of a file
//! state       the initial state
//! code        the columns of instructions
//! condition   the final condition
//! ```

mod code;
mod condition;
mod sections;
mod state;

use crate::inst::Width;
use crate::test::{Location, Place, Test, Value};

use self::sections::Sections;

/// A reason why a file is no test that can run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The test is for another architecture.
    #[error("architecture {0:?} is not RISCV")]
    Architecture(String),
    /// A section is missing.
    #[error("the file has no {0}")]
    Missing(&'static str),
    /// A part of the initial state is invalid.
    #[error("initial state {0:?} is invalid")]
    State(String),
    /// An instruction is invalid or not supported.
    #[error("instruction {0:?} is not supported")]
    Instruction(String),
    /// A label has no instruction.
    #[error("label {0:?} is not defined")]
    Label(String),
    /// The final condition is invalid.
    #[error("final condition is invalid at {0:?}")]
    Condition(String),
}

/// Parses a test.
///
/// # Errors
/// Fails if the text is no RISC-V litmus test, or uses an instruction that [`crate::inst`] lacks.
pub fn parse(text: &str) -> Result<Test, ParseError> {
    let sections = Sections::of(text)?;
    let mut locations = Locations::default();
    let code = code::parse(&sections.code)?;
    let mut harts: Vec<_> = code.iter().map(|column| column.program.clone()).collect();
    let symbols = code::Labels(code);
    state::parse(&sections.state, &mut locations, &mut harts, &symbols)?;
    let last = condition::parse(&sections.condition, &mut locations)?;
    let mut observed: Vec<Place> = Vec::new();
    last.condition.places(&mut observed);
    if let Some(filter) = &last.filter {
        filter.places(&mut observed);
    }
    for place in last.locations {
        if !observed.contains(&place) {
            observed.push(place);
        }
    }
    observed.sort_unstable();
    Ok(Test {
        name: sections.name,
        locations: locations.0,
        harts,
        filter: last.filter,
        quantifier: last.quantifier,
        condition: last.condition,
        observed,
    })
}

/// The locations of a test, in the order of their first mention.
#[derive(Debug, Default)]
struct Locations(Vec<Location>);

impl Locations {
    /// Returns the index of a location; a new one is a word of 0.
    fn index(&mut self, name: &str) -> usize {
        self.0.iter().position(|location| location.name == name).unwrap_or_else(|| {
            self.0.push(Location { name: name.to_owned(), width: Width::Word, value: Value::Number(0) });
            self.0.len() - 1
        })
    }
}

/// Parses a number, decimal or hexadecimal.
fn number(text: &str) -> Option<u64> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let value = match digits.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some(if negative { value.wrapping_neg() } else { value })
}

/// Returns true if the text is the name of a location or label.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|each| each.is_ascii_alphanumeric() || each == '_')
}

/// Splits `0:x5` into the hart and the rest.
fn hart_prefix(text: &str) -> Option<(usize, &str)> {
    let (hart, rest) = text.split_once(':')?;
    Some((hart.trim().parse().ok()?, rest.trim()))
}
