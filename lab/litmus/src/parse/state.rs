//! The initial state.

use crate::inst::{Reg, Width};
use crate::test::{Program, Value};

use super::code::Labels;
use super::{Locations, ParseError, hart_prefix, is_name, number};

/// Parses the initial state into `locations` and the registers of `harts`.
pub(super) fn parse(
    text: &str,
    locations: &mut Locations,
    harts: &mut [Program],
    labels: &Labels,
) -> Result<(), ParseError> {
    for statement in text.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
        let invalid = || ParseError::State(statement.to_owned());
        let (declared, value) = statement
            .split_once('=')
            .map_or((statement, None), |(left, right)| (left.trim(), Some(right.trim())));
        let (kind, place) = split_type(declared);
        let width = kind.map(|kind| width_of(kind).ok_or_else(invalid)).transpose()?;
        let value =
            value.map(|value| parse_value(value, locations, labels).ok_or_else(invalid)).transpose()?;
        if let Some((hart, register)) = hart_prefix(place) {
            let register = Reg::named(register).ok_or_else(invalid)?;
            let program = harts.get_mut(hart).ok_or_else(invalid)?;
            if let Some(value) = value {
                program.registers.push((register, value));
            }
        } else if is_name(place) {
            let location = locations.index(place);
            let location = &mut locations.0[location];
            location.width = width.unwrap_or(location.width);
            location.value = value.unwrap_or(location.value);
        } else {
            return Err(invalid());
        }
    }
    Ok(())
}

/// Splits `uint64_t x` into the type, with its asterisk if it is a pointer's, and the place.
fn split_type(text: &str) -> (Option<&str>, &str) {
    match text.rfind([' ', '*', '\n']) {
        Some(at) => (Some(text[..=at].trim()), text[at + 1..].trim()),
        None => (None, text),
    }
}

/// Returns the width of a type.
fn width_of(kind: &str) -> Option<Width> {
    if kind.ends_with('*') {
        return Some(Width::Double);
    }
    match kind.strip_prefix('u').unwrap_or(kind) {
        "int8_t" => Some(Width::Byte),
        "int16_t" => Some(Width::Half),
        "int32_t" | "int" => Some(Width::Word),
        "int64_t" | "long" => Some(Width::Double),
        _ => None,
    }
}

/// Parses a number, the address of a location, or the address of a label.
fn parse_value(text: &str, locations: &mut Locations, labels: &Labels) -> Option<Value> {
    if let Some(value) = number(text) {
        return Some(Value::Number(value));
    }
    if let Some((hart, label)) = text.strip_prefix('P').and_then(hart_prefix) {
        return labels.index(hart, label).map(|index| Value::Code(hart, index));
    }
    let name = text.strip_prefix('&').unwrap_or(text);
    is_name(name).then(|| Value::Address(locations.index(name)))
}
