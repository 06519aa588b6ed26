//! Slots: where they lie, what they hold, and words that should be among them.

use std::collections::HashSet;

use landfall_image::record::Record;
use object::elf::R_RISCV_RELATIVE;

use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::{Kind, Relocation, Subject};
use crate::units::Address;

/// Checks every slot.
pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    let range = subject.link_range();
    let code = subject.code();
    let in_code = |place: Address| {
        let after = code.partition_point(|stretch| stretch.address <= place);
        let stretch = after.checked_sub(1).and_then(|index| code.get(index));
        stretch
            .is_some_and(|stretch| place.wrapping_offset_from(stretch.address) < stretch.bytes.len() as u64)
    };
    let with_addends: HashSet<_> = subject.relocations().iter().map(|relocation| relocation.place).collect();
    for place in subject.slots().iter() {
        let with_addend = with_addends.contains(&place);
        if !place.0.is_multiple_of(8) {
            // In a landfall kernel that is a relocation of a kind that nobody applies, which is told with more words.
            if !(with_addend && subject.kind().is_landfall()) {
                let found = format!("the slot at {place} is no multiple of 8");
                inspection.add(Finding::new(Code::RelocAlign, place, found));
            }
            continue;
        }
        let Some(value) = subject.word(place) else {
            let found = format!(
                "the slot at {place} lies outside of what the file holds of the image, {} to {}",
                range.start, range.end
            );
            inspection.add(Finding::new(Code::RelocOutside, place, found));
            continue;
        };
        if in_code(place) {
            inspection.add(Finding::new(Code::RelocText, place, format!("the slot at {place} lies in code")));
        } else if !with_addend {
            target(subject, place, Address(value), inspection);
        }
    }
    let relative = |relocation: &&Relocation| relocation.kind.0 == R_RISCV_RELATIVE;
    if subject.kind() == Kind::OtherElf {
        for relocation in subject.relocations().iter().filter(relative) {
            target(subject, relocation.place, Address(relocation.addend), inspection);
        }
    }
    missing(subject, inspection);
}

/// What a slot points to lies in the image, or just behind it.
fn target(subject: &Subject<'_>, place: Address, value: Address, inspection: &mut Inspection) {
    let range = subject.link_range();
    if value < range.start || value > range.end {
        let found = format!("the slot holds {value}, and the image lies at {} to {}", range.start, range.end);
        inspection.add(Finding::new(Code::RelocTarget, place, found));
    }
}

/// Aligned words of a landfall kernel that look like addresses of the image and are no slots.
///
/// Its link base is far from every number that programs have a use for, but for the base itself.
fn missing(subject: &Subject<'_>, inspection: &mut Inspection) {
    if !subject.kind().is_landfall() {
        if !subject.slots().is_empty() {
            inspection.skip(
                "addresses that no relocation lists",
                "only a landfall kernel's link addresses are told from numbers",
            );
        }
        return;
    }
    let record = subject.image().ok().and_then(|image| Record::read(image).ok());
    let Some(record) = record else {
        inspection.skip("addresses that no relocation lists", "the record does not say where the tables are");
        return;
    };
    let range = subject.link_range();
    let tables = range.start.wrapping_add(record.sealed.offset.into());
    // Tables hold addresses as linked.
    let listed = |place: Address| {
        place.wrapping_offset_from(tables) < u64::from(record.sealed.size)
            || subject.sections().iter().any(|section| section.is_relocation() && section.holds(place))
    };
    let data = subject.segments().iter().filter(|segment| !segment.access.executes());
    for segment in data.filter(|segment| segment.address.0.is_multiple_of(8)) {
        let words = segment.bytes.as_chunks().0.iter().map(|word| Address(u64::from_le_bytes(*word)));
        for (index, value) in words.enumerate() {
            if value <= range.start || value >= range.end {
                continue;
            }
            let place = segment.address.wrapping_add(index as u64 * 8);
            if !listed(place) && !subject.slots().contains(place) {
                let symbol = subject.symbols().describe(value).unwrap_or_else(|| "the image".to_owned());
                let found = format!("the word is {value}, an address of {symbol}, and no slot");
                inspection.add(Finding::new(Code::RelocMissing, place, found));
            }
        }
    }
}
