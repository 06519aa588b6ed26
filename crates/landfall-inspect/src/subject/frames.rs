//! Functions at an address, inlined ones too, from debug information.

use addr2line::Context;
use gimli::Reader;

use super::symbols::demangle;
use crate::units::Address;

/// Code is not inlined deeper than that, except in a damaged file.
const MOST: usize = 32;

/// A function whose code is at an address, with the line that it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The function, demangled, without the hash.
    pub function: Option<String>,
    /// File and line.
    pub source: Option<String>,
}

pub(super) fn at<R: Reader>(context: &Context<R>, address: Address) -> Option<Vec<Frame>> {
    let mut found = context.find_frames(address.0).skip_all_loads().ok()?;
    let mut frames = Vec::new();
    while let Some(frame) = found.next().ok()?.filter(|_| frames.len() < MOST) {
        let name = frame.function.as_ref().and_then(|function| function.raw_name().ok());
        let source =
            frame.location.and_then(|location| Some(format!("{}:{}", location.file?, location.line?)));
        frames.push(Frame { function: name.map(|name| demangle(&name)), source });
    }
    Some(frames)
}
