//! Segments: where they lie, what they may be used for, and where execution begins.

mod parts;

use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::{Kind, Segment, Subject};
use crate::units::Address;

const PAGE: u64 = 4096;
/// The bytes that code of the medany model can span.
const SPAN: u64 = 1 << 31;

/// Checks the segments.
pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    if !subject.kind().is_elf() {
        inspection.skip("segments", "a flat image has none");
        return;
    }
    for segment in subject.segments() {
        each(segment, inspection);
    }
    let taken: Vec<_> = subject.segments().iter().filter(|segment| segment.size != 0).collect();
    overlap(&taken, "linked", |segment| segment.address, inspection);
    overlap(&taken, "loaded", |segment| segment.load_address, inspection);
    displacement(&taken, subject.kind(), inspection);
    let range = subject.link_range();
    let span = range.end.wrapping_offset_from(range.start);
    if span > SPAN {
        let found = format!("the image lies at {} to {}, which is {span:#x} bytes", range.start, range.end);
        inspection.add(Finding::new(Code::MemorySpan, range.start, found));
    }
    entry(subject, inspection);
    parts::sections(subject, inspection);
    parts::check(subject, inspection);
}

/// Returns the name of a segment: the program header that states it.
fn header(segment: &Segment<'_>) -> String {
    format!("program header {}", segment.index)
}

fn each(segment: &Segment<'_>, inspection: &mut Inspection) {
    let Segment { address, size, file_offset, file_size, access, align, .. } = *segment;
    let mut add = |code, found| inspection.add(Finding::new(code, header(segment), found));
    if access.writes() && access.executes() {
        add(Code::MemoryWx, format!("the segment at {address} is {access}: 0x{size:x} bytes"));
    }
    if file_size != segment.bytes.len() as u64 {
        add(
            Code::MemoryFile,
            format!(
                "the segment at {address} takes {file_size:#x} bytes from {file_offset:#x} of the file, which does not have them"
            ),
        );
    } else if file_size > size {
        add(
            Code::MemoryFile,
            format!(
                "the segment at {address} takes {file_size:#x} bytes of the file and {size:#x} of memory"
            ),
        );
    }
    if align > 1 && !align.is_power_of_two() {
        add(
            Code::MemoryAlign,
            format!("the segment at {address} has p_align {align:#x}, which is no power of two"),
        );
    } else if align > 1 && address.0 % align != file_offset % align {
        add(
            Code::MemoryAlign,
            format!(
                "the segment at {address} lies at {file_offset:#x} of the file, and they differ modulo p_align {align:#x}"
            ),
        );
    }
}

/// Of segments sorted by their place, the one before must end where the next begins, or before.
fn overlap(
    taken: &[&Segment<'_>],
    how: &str,
    place: impl Fn(&Segment<'_>) -> Address,
    inspection: &mut Inspection,
) {
    let mut sorted = taken.to_vec();
    sorted.sort_by_key(|segment| place(segment));
    for pair in sorted.windows(2) {
        let [first, second] = pair else { continue };
        let end = place(first).0.saturating_add(first.size);
        if end > place(second).0 {
            let found = format!(
                "{how} at {} to {end:#x}, and program header {} is {how} at {}",
                place(first),
                second.index,
                place(second)
            );
            inspection.add(Finding::new(Code::MemoryOverlap, header(first), found));
        }
    }
}

/// All segments are loaded by one displacement, so that distances stay as linked; a landfall kernel
/// at a page.
fn displacement(taken: &[&Segment<'_>], kind: Kind, inspection: &mut Inspection) {
    let held = || taken.iter().filter(|segment| segment.file_size != 0);
    let Some(first) = held().min_by_key(|segment| segment.address) else { return };
    let of = |segment: &Segment<'_>| segment.load_address.wrapping_offset_from(segment.address);
    for segment in held().filter(|segment| of(segment) != of(first)) {
        let right = segment.address.wrapping_add(of(first));
        let found = format!(
            "the segment at {} is loaded at {}, and {right} is as far from the first",
            segment.address, segment.load_address
        );
        inspection.add(Finding::new(Code::MemoryLoad, header(segment), found));
    }
    if kind == Kind::LandfallElf && !first.load_address.0.is_multiple_of(PAGE) {
        let found =
            format!("the image is loaded at {}, which is no multiple of 4 KiB (rule R1)", first.load_address);
        inspection.add(Finding::new(Code::MemoryLoad, header(first), found));
    }
}

fn entry(subject: &Subject<'_>, inspection: &mut Inspection) {
    let Some(entry) = subject.entry() else { return };
    let start = subject.link_range().start;
    if subject.kind() == Kind::LandfallElf && entry != start {
        let found =
            format!("the ELF's entry is {entry}, and a landfall kernel begins with its header at {start}");
        inspection.add(Finding::new(Code::MemoryEntry, entry, found));
    } else if !subject.holds_code(entry) && !subject.holds_code(physical(subject, entry)) {
        let found = format!("the ELF's entry is {entry}, where no code is");
        inspection.add(Finding::new(Code::MemoryEntry, entry, found));
    }
}

/// The link address of an entry that is given as a load address, as GNU's and U-Boot's ELFs may.
fn physical(subject: &Subject<'_>, entry: Address) -> Address {
    let holds = |segment: &&Segment<'_>| entry.wrapping_offset_from(segment.load_address) < segment.size;
    let segment = subject.segments().iter().find(holds);
    segment.map_or(entry, |segment| {
        segment.address.wrapping_add(entry.wrapping_offset_from(segment.load_address))
    })
}
