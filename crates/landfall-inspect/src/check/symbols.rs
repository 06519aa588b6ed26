//! Symbols that do not move with the image.

use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::{Defined, Subject};
use crate::units::Address;

/// Code of the medany model reaches that far to either side.
const REACH: u64 = 1 << 31;

/// Absolute on purpose: what the image is linked for is a number.
const NUMBERS: [&str; 1] = ["__landfall_link_base"];

/// Checks the symbols.
pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    if subject.symbols().is_empty() {
        inspection.skip("symbols", "the file has none");
        return;
    }
    for symbol in
        subject.symbols().undefined().iter().filter(|symbol| symbol.defined == Defined::WeakUndefined)
    {
        let name = symbol.name();
        let found = format!("{name} is weak, and nothing defines it");
        inspection.add(Finding::new(Code::SymbolWeak, format!("symbol {name}"), found));
    }
    let range = subject.link_range();
    for symbol in subject.symbols().all() {
        let name = || symbol.name();
        match symbol.defined {
            Defined::Absolute if NUMBERS.contains(&symbol.mangled) => {}
            Defined::Absolute if symbol.address >= range.start && symbol.address < range.end => {
                let found = format!(
                    "{} is absolute (SHN_ABS) and {}, within the image's {} to {}",
                    name(),
                    symbol.address,
                    range.start,
                    range.end
                );
                inspection.add(Finding::new(Code::SymbolAbsolute, format!("symbol {}", name()), found));
            }
            Defined::Section if distance(symbol.address, range.start, range.end) >= REACH => {
                let found = format!(
                    "{} is at {}, 2 GiB or more from a part of the image at {} to {}",
                    name(),
                    symbol.address,
                    range.start,
                    range.end
                );
                inspection.add(Finding::new(Code::SymbolFar, format!("symbol {}", name()), found));
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
