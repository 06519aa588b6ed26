//! Slots: where they lie, what they hold, and words that should be among them.

use std::collections::HashSet;

use landfall_image::record::Record;
use object::elf::R_RISCV_RELATIVE;

use super::{got, inner};
use crate::finding::Code;
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
    let tables = Tables::of(subject);
    let with_addends: HashSet<_> = subject.relocations().iter().map(|relocation| relocation.place).collect();
    for place in subject.slots().iter() {
        let with_addend = with_addends.contains(&place);
        if !place.0.is_multiple_of(8) {
            // In a landfall kernel another finding reports that relocation, which is never
            // applied, in more words.
            if !(with_addend && subject.kind().is_landfall()) {
                inspection
                    .add_at(Code::RelocAlign, place, || format!("the slot at {place} is no multiple of 8"));
            }
            continue;
        }
        let Some(value) = subject.word(place) else {
            inspection.add_at(Code::RelocOutside, place, || {
                format!(
                    "the slot at {place} lies outside of what the file holds of the image, {} to {}",
                    range.start, range.end
                )
            });
            continue;
        };
        if tables.is_some_and(|tables| tables.hold(place)) {
            inspection.add_at(Code::RelocOutside, place, || {
                format!("the slot at {place} lies in the tables that patch the image, where no pointer is")
            });
        } else if in_code(place) {
            inspection.add_at(Code::RelocText, place, || format!("the slot at {place} lies in code"));
        } else if !with_addend {
            target(subject, place, Address(value), inspection);
        }
    }
    let relative = |relocation: &&Relocation| relocation.kind.0 == R_RISCV_RELATIVE;
    if subject.unpacked().is_some() {
        let outside =
            |relocation: &&Relocation| relative(relocation) && subject.meaning(relocation).is_none();
        for relocation in subject.relocations().iter().filter(outside) {
            target(subject, relocation.place, Address(relocation.addend), inspection);
        }
    } else if subject.kind() == Kind::OtherElf {
        for relocation in subject.relocations().iter().filter(relative) {
            target(subject, relocation.place, Address(relocation.addend), inspection);
        }
    }
    missing(subject, tables, inspection);
}

/// The tables that patch a landfall kernel: they hold addresses as linked.
#[derive(Clone, Copy)]
struct Tables {
    start: Address,
    size: u64,
}

impl Tables {
    fn of(subject: &Subject<'_>) -> Option<Self> {
        let record = Record::read(subject.image().ok().filter(|_| subject.kind().is_landfall())?).ok()?;
        let start = subject.link_range().start.wrapping_add(record.sealed.offset.into());
        Some(Self { start, size: record.sealed.size.into() })
    }

    fn hold(self, place: Address) -> bool {
        place.wrapping_offset_from(self.start) < self.size
    }
}

/// Checks that a slot points into the image, or just behind it.
fn target(subject: &Subject<'_>, place: Address, value: Address, inspection: &mut Inspection) {
    let range = subject.link_range();
    if value < range.start || value > range.end {
        inspection.add_at(Code::RelocTarget, place, || {
            format!("the slot holds {value}, and the image lies at {} to {}", range.start, range.end)
        });
    }
}

/// Aligned words of a landfall kernel that look like addresses of the image and are no slots.
///
/// Its link base is far from every number that programs have a use for, but for the base itself.
fn missing(subject: &Subject<'_>, tables: Option<Tables>, inspection: &mut Inspection) {
    if !subject.kind().is_landfall() {
        if !subject.slots().is_empty() {
            inspection.skip(
                "addresses that no relocation lists",
                "only a landfall kernel's link addresses differ from numbers",
            );
        }
        return;
    }
    let Some(tables) = tables else {
        inspection.skip("addresses that no relocation lists", "the record does not say where the tables are");
        return;
    };
    let range = subject.link_range();
    // Tables hold addresses as linked. Sections are sorted, but may overlap in a damaged file:
    // looking at the last is enough there.
    let relocation: Vec<_> = subject.sections().iter().filter(|section| section.is_relocation()).collect();
    let listed = |place: Address| {
        let upto = relocation.partition_point(|section| section.address <= place);
        tables.hold(place) || relocation[..upto].iter().rev().take(4).any(|section| section.holds(place))
    };
    let foreign = inner::foreign(subject);
    let is_foreign =
        |place: Address| foreign.is_some_and(|(start, size)| place.wrapping_offset_from(start) < size);
    let linkers = got::linkers_words(subject);
    let data = subject.segments().iter().filter(|segment| !segment.access.executes());
    for segment in data.filter(|segment| segment.address.0.is_multiple_of(8)) {
        let words = segment.bytes.as_chunks().0.iter().map(|word| Address(u64::from_le_bytes(*word)));
        for (index, value) in words.enumerate() {
            let place = segment.address.wrapping_add(index as u64 * 8);
            if value <= range.start || value >= range.end || is_foreign(place) {
                continue;
            }
            if !listed(place) && !subject.slots().contains(place) && linkers.binary_search(&place).is_err() {
                inspection.add_at(Code::RelocMissing, place, || {
                    let symbol = subject.symbols().describe(value);
                    let symbol = symbol.as_deref().unwrap_or("the image");
                    format!("the word is {value}, an address of {symbol}, and no slot")
                });
            }
        }
    }
}
