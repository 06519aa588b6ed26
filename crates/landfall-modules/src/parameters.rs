//! Parameters of a module: `name=value` pairs, and the bytes of each value.

use crate::error::LoadError;
use crate::name::Name;

/// The prefix of the symbol that holds a parameter.
pub(crate) const SYMBOL: &[u8] = b"landfall_param_";

/// The most bytes of a parameter.
pub(crate) const MOST: usize = 256;

/// The bytes of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Encoded {
    bytes: [u8; MOST],
    size: usize,
}

impl Encoded {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.size]
    }
}

/// Splits a line into `name=value` pairs, at spaces.
pub(crate) fn pairs(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split_ascii_whitespace().map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Returns the bytes of a value of a type, as `.landfall.params` names it.
pub(crate) fn encode(name: &str, kind: &[u8], value: &str) -> Result<Encoded, LoadError> {
    let bad = || LoadError::BadParameter { name: Name::new(name.as_bytes()), kind: Name::new(kind) };
    let mut encoded = Encoded { bytes: [0; MOST], size: 0 };
    if let Some(size) = kind.strip_prefix(b"text:") {
        let size = str::from_utf8(size).ok().and_then(|size| size.parse().ok()).ok_or_else(bad)?;
        let room = encoded.bytes.get_mut(..size).and_then(|room| room.get_mut(..value.len()));
        room.ok_or_else(bad)?.copy_from_slice(value.as_bytes());
        encoded.size = size;
        return Ok(encoded);
    }
    let signed = |bits: u32| {
        let number = integer(value)?;
        let half = 1_i128 << (bits - 1);
        (-half..half).contains(&number).then_some((number, bits / 8))
    };
    let unsigned = |bits: u32| {
        let number = integer(value)?;
        (0..1_i128 << bits).contains(&number).then_some((number, bits / 8))
    };
    let number = match kind {
        b"bool" => match value {
            "1" | "y" | "true" | "on" => Some((1, 1)),
            "0" | "n" | "false" | "off" => Some((0, 1)),
            _ => None,
        },
        b"u8" => unsigned(8),
        b"u16" => unsigned(16),
        b"u32" => unsigned(32),
        b"u64" => unsigned(64),
        b"i8" => signed(8),
        b"i16" => signed(16),
        b"i32" => signed(32),
        b"i64" => signed(64),
        _ => None,
    };
    let (number, size) = number.ok_or_else(bad)?;
    encoded.size = size as usize;
    encoded.bytes[..16].copy_from_slice(&number.to_le_bytes());
    Ok(encoded)
}

/// Parses a number in decimal, or in hexadecimal with `0x`.
fn integer(text: &str) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let number = match digits.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    number.ok().filter(|_| !digits.starts_with(['+', '-'])).map(|number| sign * i128::from(number))
}
