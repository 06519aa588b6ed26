//! The global offset table (GOT).
//!
//! Code that is compiled as PIC loads addresses from it. A kernel relocates it like other
//! constants, and never writes it otherwise.

use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::{Section, Subject};
use crate::units::Address;

/// The first word of .got.plt, as GNU's linker writes it for a dynamic linker.
const NO_ADDRESS: u64 = u64::MAX;

/// Checks that each entry is a slot, 0, or a word of the linker's own. A kernel that relocates
/// itself has its GOT among the constants.
pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    if subject.sections().is_empty() {
        inspection.skip("global offset table", "the file has no sections to find it by");
        return;
    }
    let linkers = linkers_words(subject);
    for section in tables(subject) {
        writable(subject, section, inspection);
        for (place, value) in entries(subject, section) {
            let is_address = value.0 != 0 && value.0 != NO_ADDRESS;
            if !is_address || subject.slots().contains(place) || linkers.binary_search(&place).is_ok() {
                continue;
            }
            inspection.add_at(Code::GotEntry, place, || {
                let name = subject.symbols().describe(value).unwrap_or_else(|| value.to_string());
                format!("an entry for {name}, which no relocation lists")
            });
        }
    }
}

/// A kernel that relocates itself maps the addresses with its constants, so that nothing changes
/// them.
fn writable(subject: &Subject<'_>, section: &Section<'_>, inspection: &mut Inspection) {
    let holder = subject.segments().iter().find(|segment| segment.holds(section.address));
    let has_slots = subject.slots().first_in(section.address, section.size).is_some();
    if !subject.rebases() || !has_slots || holder.is_none_or(|segment| !segment.access.writes()) {
        return;
    }
    let found = format!("{} lies in writable memory", section.name);
    inspection.add(Finding::new(Code::GotEntry, section.address, found));
}

/// Returns the number of entries for weak symbols that nothing defines: those that hold 0.
pub(super) fn empty_entries(subject: &Subject<'_>) -> usize {
    let is_empty = |(place, value): &(Address, Address)| value.0 == 0 && !subject.slots().contains(*place);
    let as_linked = tables(subject).flat_map(|section| entries(subject, section)).filter(is_empty).count();
    // Before they are packed, relocations name such entries too.
    let named = subject.relocations().iter().filter(|relocation| {
        relocation.addend == 0 && tables(subject).any(|section| section.holds(relocation.place))
    });
    as_linked + if subject.unpacked().is_some() { named.count() } else { 0 }
}

/// Returns the words of .got that GNU's linker writes for a dynamic linker, in ascending order.
/// They hold the address of the dynamic section. Each is the first of its table, or the third
/// behind the two words of .got.plt.
pub(super) fn linkers_words(subject: &Subject<'_>) -> Vec<Address> {
    let Some(dynamic) = subject.section(".dynamic").map(|dynamic| dynamic.address.0) else {
        return Vec::new();
    };
    let holds = |place: Address, value: u64| subject.word(place) == Some(value);
    let own = |section: &Section<'_>| {
        let merged = holds(section.address, NO_ADDRESS);
        let place = section.address.wrapping_add(if merged { 16 } else { 0 });
        holds(place, dynamic).then_some(place)
    };
    let mut words: Vec<_> = tables(subject).filter_map(own).collect();
    words.sort_unstable();
    words
}

fn tables<'a>(subject: &'a Subject<'_>) -> impl Iterator<Item = &'a Section<'a>> {
    subject.sections().iter().filter(|section| matches!(section.name, ".got" | ".got.plt"))
}

/// Returns the entries of a table, with what they hold. Only the bytes in the file can be read, for
/// any size in the header.
fn entries(subject: &Subject<'_>, section: &Section<'_>) -> impl Iterator<Item = (Address, Address)> {
    let size = usize::try_from(section.size).unwrap_or(usize::MAX);
    let bytes = subject.bytes(section.address, size).unwrap_or_default();
    let start = section.address;
    let words = bytes.as_chunks().0.iter().map(|word| Address(u64::from_le_bytes(*word)));
    words.enumerate().map(move |(index, value)| (start.wrapping_add(index as u64 * 8), value))
}
