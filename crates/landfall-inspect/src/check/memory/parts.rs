//! Segments of an ELF against its sections, and of a landfall kernel against the parts that its
//! record states.

use landfall_image::record::{Parts, Record};

use super::header;
use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::{Access, Kind, Segment, Subject};

const PAGE: u64 = 4096;
/// The bits of `p_flags` that say what a segment may be used for.
const ACCESS_BITS: u32 = 7;

/// Each section is loaded, as far from its segment's start in the file as in memory.
///
/// Otherwise the loader takes other bytes for it.
pub(super) fn sections(subject: &Subject<'_>, inspection: &mut Inspection) {
    for section in subject.sections().iter().filter(|section| section.is_in_file() && section.size != 0) {
        let Some(segment) = subject.segments().iter().find(|segment| segment.holds(section.address)) else {
            let found = format!("no segment loads {}, which lies at {}", section.name, section.address);
            inspection.add(Finding::new(Code::MemoryFile, section.address, found));
            continue;
        };
        let in_memory = section.address.wrapping_offset_from(segment.address);
        let in_file = section.file_offset.wrapping_sub(segment.file_offset);
        if in_memory != in_file {
            let found = format!(
                "{} lies at {:#x} of the file, and the segment at {} loads it from {:#x}",
                section.name,
                section.file_offset,
                segment.address,
                segment.file_offset.wrapping_add(in_memory)
            );
            inspection.add(Finding::new(Code::MemoryFile, header(segment), found));
        }
    }
}

/// Each segment of a landfall kernel lies in one part and has that part's permissions. All of its
/// bytes but `.bss` are in the file.
pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    if subject.kind() != Kind::LandfallElf {
        return;
    }
    let record = subject.image().ok().and_then(|image| {
        let record = Record::read(image).ok()?;
        Some((record, record.parts(image).ok()?))
    });
    let Some((record, parts)) = record else {
        inspection.skip("segments against the parts of the record", "the record does not state them");
        return;
    };
    let start = subject.link_range().start;
    for segment in subject.segments().iter().filter(|segment| segment.size != 0) {
        part(subject, segment, parts, inspection);
        let mut add = |code, found| inspection.add(Finding::new(code, header(segment), found));
        if segment.align == 0 || !segment.align.is_multiple_of(PAGE) {
            add(
                Code::MemoryAlign,
                format!("p_align is {:#x}, and parts of a kernel are whole pages of 4 KiB", segment.align),
            );
        }
        if segment.flags & !ACCESS_BITS != 0 {
            add(
                Code::MemoryPermission,
                format!("p_flags is {:#x}, and a kernel has R, W and X alone", segment.flags),
            );
        }
        let held = segment.address.wrapping_add(segment.file_size).wrapping_offset_from(start);
        if segment.file_size < segment.size && held < record.file_size.into() {
            let found = format!(
                "the segment at {} takes {:#x} bytes of memory and {:#x} of the file, and .bss begins only at {}",
                segment.address,
                segment.size,
                segment.file_size,
                start.wrapping_add(record.file_size.into())
            );
            add(Code::MemoryFile, found);
        }
    }
}

/// The part in which a segment begins.
fn part(subject: &Subject<'_>, segment: &Segment<'_>, parts: Parts, inspection: &mut Inspection) {
    let Parts { text, constants, early, data } = parts;
    let start = subject.link_range().start;
    let offset = segment.address.wrapping_offset_from(start);
    let mut from = 0;
    for (name, access, size) in [
        ("text", Access::CODE, text),
        ("constants", Access::CONSTANTS, constants),
        ("early data", Access::DATA, early),
        ("data", Access::DATA, data),
    ] {
        let end = from + size;
        if offset < end && offset >= from {
            if segment.size > end - offset {
                let found = format!(
                    "the segment at {} reaches out of the {name}, which the record ends at {}",
                    segment.address,
                    start.wrapping_add(end)
                );
                inspection.add(Finding::new(Code::RecordSize, header(segment), found));
            }
            // Writable and executable at once is a finding of its own.
            if segment.access != access && !(segment.access.writes() && segment.access.executes()) {
                let found = format!(
                    "the segment at {} is {}, and the {name} is {access}",
                    segment.address, segment.access
                );
                inspection.add(Finding::new(Code::MemoryPermission, header(segment), found));
            }
        }
        from = end;
    }
}
