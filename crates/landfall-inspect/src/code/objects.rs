//! Which object an address belongs to, and whether it holds slots.

use std::borrow::Cow;
use std::ops::Range;

use crate::subject::{Defined, Function, Kind, Slots, Subject, Symbol};
use crate::units::Address;

/// Symbols that linker scripts set: they stand between objects and name none.
const BORDERS: [&str; 8] =
    ["__landfall_", "_start", "_end", "_stext", "_etext", "_sdata", "_edata", "__bss_"];

/// An object: from its first to its last byte.
pub(super) fn extent(subject: &Subject<'_>, at: u64) -> Range<u64> {
    if let Some(symbol) = sized(subject, at) {
        return symbol.address.0..symbol.address.0.saturating_add(symbol.size);
    }
    // Its length is unknown. It ends before the next name and within its section.
    let next = subject.symbols().next_after(Address(at)).map(|next| next.0);
    let section =
        subject.sections().iter().find(|section| section.holds(Address(at))).map(|section| section.end().0);
    let segment =
        subject.segments().iter().find(|segment| segment.holds(Address(at))).map(|segment| segment.end().0);
    let end = next.into_iter().chain(section).chain(segment).min();
    at..end.unwrap_or(at)
}

/// The smallest symbol with a size that holds `at`.
fn sized<'a, 'data>(subject: &'a Subject<'data>, at: u64) -> Option<&'a Symbol<'data>> {
    let symbols = subject.symbols().all();
    let upto = symbols.partition_point(|symbol| symbol.address.0 <= at);
    let near = symbols[..upto].iter().rev().take(64);
    near.filter(|symbol| symbol.defined == Defined::Section && at - symbol.address.0 < symbol.size)
        .min_by_key(|symbol| symbol.size)
}

/// Returns true if the ELF states the length of the function at `at`.
pub(super) fn is_sized(subject: &Subject<'_>, at: u64) -> bool {
    sized(subject, at).is_some_and(|symbol| symbol.function == Function::Yes)
}

/// The first of `slots` in the object that `at` belongs to.
pub(super) fn slot(subject: &Subject<'_>, slots: &Slots, at: u64) -> Option<Address> {
    let Range { start, end } = extent(subject, at);
    slots.first_in(Address(start), end - start)
}

/// The words that hold addresses of the image: its slots. A file without relocations, which cannot
/// be moved, has such words too. Its early code must not read them either, since it runs at other
/// addresses. There every aligned word outside of code counts whose value is an address of the
/// image.
pub(super) fn slots<'a>(subject: &'a Subject<'_>) -> Cow<'a, Slots> {
    if subject.kind() != Kind::OtherElf || !subject.slots().is_empty() {
        return Cow::Borrowed(subject.slots());
    }
    let range = subject.link_range();
    let code = subject.code();
    let is_code = |at: u64| {
        let index = code.partition_point(|stretch| stretch.address.0 <= at).checked_sub(1);
        let stretch = index.and_then(|index| code.get(index));
        stretch.is_some_and(|stretch| at - stretch.address.0 < stretch.bytes.len() as u64)
    };
    let mut words = Vec::new();
    for segment in subject.segments() {
        let first = segment.address.0.next_multiple_of(8);
        let skipped = usize::try_from(first - segment.address.0).unwrap_or(usize::MAX);
        let bytes = segment.bytes.get(skipped..).unwrap_or_default();
        for (at, word) in (first..).step_by(8).zip(bytes.chunks_exact(8)) {
            let value = word.first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
            if range.contains(&Address(value)) && !is_code(at) {
                words.push(at);
            }
        }
    }
    Cow::Owned(Slots::of(words))
}

/// Returns true if `at` may be a border: then only reads through it count.
pub(super) fn is_border(subject: &Subject<'_>, at: u64) -> bool {
    let symbols = subject.symbols().all();
    let from = symbols.partition_point(|symbol| symbol.address.0 < at);
    symbols[from..].iter().take_while(|symbol| symbol.address.0 == at).any(|symbol| {
        symbol.function == Function::Untold && BORDERS.iter().any(|border| symbol.mangled.starts_with(border))
    })
}

/// Returns the range of the function that holds `at`, up to its symbol's end or the next symbol.
pub(super) fn function(subject: &Subject<'_>, at: u64) -> Range<u64> {
    if let Some(symbol) = sized(subject, at).filter(|symbol| symbol.function == Function::Yes) {
        return symbol.address.0..symbol.address.0.saturating_add(symbol.size);
    }
    let symbols = subject.symbols().all();
    let upto = symbols.partition_point(|symbol| symbol.address.0 <= at);
    let mut before = symbols[..upto].iter().rev();
    let start =
        before.find(|symbol| symbol.defined == Defined::Section).map_or(at, |symbol| symbol.address.0);
    start..extent(subject, at).end.max(at)
}
