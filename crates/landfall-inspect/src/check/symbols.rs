//! Symbols that do not move with the image.

use std::ops::Range;

use super::got;
use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::{Defined, Subject, Symbol};
use crate::units::Address;

/// Code of the medany model reaches that far to either side.
const REACH: u64 = 1 << 31;

/// Absolute symbols that are no fault. The link address of the image is a number. GNU's linker
/// defines the others, for start-up code of its own kind.
const NUMBERS: [&str; 5] = [
    "__landfall_link_base",
    "_DYNAMIC",
    "_GLOBAL_OFFSET_TABLE_",
    "_PROCEDURE_LINKAGE_TABLE_",
    "__global_pointer$",
];

/// Checks the symbols.
pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    if subject.symbols().is_empty() {
        inspection.skip_symbols(subject);
        return;
    }
    let mut add = |code, symbol: &Symbol<'_>, what: &dyn Fn() -> String| {
        inspection.add_with(code, || {
            let name = symbol.name();
            Finding::new(code, format!("symbol {name}"), format!("{name} is {}", what()))
        });
    };
    let weak = |symbol: &&Symbol<'_>| symbol.defined == Defined::WeakUndefined;
    let weak: Vec<_> = subject.symbols().undefined().iter().filter(weak).collect();
    // Code that loads the address from the GOT gets 0, wherever the kernel runs.
    if weak.len() > got::empty_entries(subject) {
        for symbol in weak {
            add(Code::SymbolWeak, symbol, &|| "weak, and nothing defines it".to_owned());
        }
    }
    let range = subject.link_range();
    for symbol in subject.symbols().all() {
        let address = symbol.address;
        match symbol.defined {
            Defined::Absolute if NUMBERS.contains(&symbol.mangled) => {}
            Defined::Absolute if range.contains(&address) => add(Code::SymbolAbsolute, symbol, &|| {
                format!(
                    "absolute (SHN_ABS) and {address}, within the image's {} to {}",
                    range.start, range.end
                )
            }),
            Defined::Section if distance(address, range.start, range.end) >= REACH => {
                add(Code::SymbolFar, symbol, &|| {
                    let Range { start, end } = range;
                    format!("at {address}, 2 GiB or more from a part of the image at {start} to {end}")
                });
            }
            _ => {}
        }
    }
}

/// From an address to that end of the image that is farther away; 0 within it.
fn distance(address: Address, start: Address, end: Address) -> u64 {
    if address >= start && address <= end {
        return 0;
    }
    let apart = |one: Address, other: Address| one.0.abs_diff(other.0);
    apart(address, start).max(apart(address, end))
}
