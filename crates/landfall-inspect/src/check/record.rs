//! The landfall record against the file.

use landfall_image::feature::Feature;
use landfall_image::record::{self, Record, RecordError};

use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::{Kind, Subject};
use crate::units::Address;

/// A field of the record, its offset from the image's start, and the linker's number for it. Those
/// of version 2 are last.
const FIELDS: [(&str, u64, &str, Code); 9] = [
    ("file_size", 0x4c, "__landfall_file_size", Code::RecordSize),
    ("sealed tables' offset", 0x60, "__landfall_sealed_offset", Code::RecordTable),
    ("sealed tables' size", 0x64, "__landfall_sealed_size", Code::RecordTable),
    ("RELR table's offset", 0x68, "__landfall_relr_offset", Code::RecordTable),
    ("RELR table's size", 0x6c, "__landfall_relr_size", Code::RecordTable),
    ("policy's offset", 0x70, "__landfall_policy_offset", Code::RecordTable),
    ("policy's size", 0x74, "__landfall_policy_size", Code::RecordTable),
    ("text_size", 0x78, "__landfall_text_size", Code::RecordSize),
    ("early_size", 0x7c, "__landfall_early_size", Code::RecordSize),
];

/// Checks the record of a landfall kernel.
pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    if !subject.kind().is_landfall() {
        inspection.skip("landfall record, seal and policy", "the file is not a landfall kernel");
        return;
    }
    let base = subject.link_range().start;
    let at = |offset| base.wrapping_add(offset);
    let image = match subject.image() {
        Ok(image) => image,
        Err(error) => {
            let found = format!("the segments make no image: {error}");
            inspection.add(Finding::new(Code::RecordMagic, base, found));
            return;
        }
    };
    let record = match Record::read(image) {
        Ok(record) => record,
        Err(error) => {
            let (code, offset) = match error {
                RecordError::Version { .. } | RecordError::Features { .. } => (Code::RecordVersion, 0x48),
                RecordError::Outside { .. } => (Code::RecordTable, 0x60),
                _ => (Code::RecordMagic, 0x40),
            };
            inspection.add(Finding::new(code, at(offset), error.to_string()));
            return;
        }
    };
    sizes(subject, &record, inspection);
    application(image, base, &record, inspection);
    match record.parts(image) {
        Err(error @ RecordError::Parts { .. }) => {
            inspection.add(Finding::new(Code::RecordSize, at(0x78), error.to_string()));
        }
        Err(error @ RecordError::NoParts { .. }) if !subject.kind().is_elf() => {
            inspection.skip("parts of the image", error.to_string());
        }
        _ => {}
    }
    if subject.symbols().is_empty() {
        return;
    }
    // A record of version 1 ends before the sizes of the parts.
    let fields = if record.version == 1 { FIELDS.len() - 2 } else { FIELDS.len() };
    for (name, offset, symbol, code) in FIELDS.into_iter().take(fields) {
        let Some(linked) = subject.symbols().find(symbol) else { continue };
        let found = image.get(usize::try_from(offset).unwrap_or_default()..).and_then(<[u8]>::first_chunk);
        let found = found.map_or(0, |bytes| u32::from_le_bytes(*bytes));
        if u64::from(found) != linked.address.0 {
            let found = format!(
                "{name} at {offset:#x} is {found:#x}, and the linker says {} ({symbol})",
                linked.address
            );
            inspection.add(Finding::new(code, at(offset), found));
        }
    }
}

/// A record that lists `efi` as compiled out and a PE header contradict each other. Kernels from
/// before the PE header have neither.
fn application(image: &[u8], base: Address, record: &Record, inspection: &mut Inspection) {
    if image.starts_with(b"MZ") && record.missing.contains(Feature::Efi) {
        let found = "code0 begins with \"MZ\", and the record lists the feature `efi` as compiled out";
        inspection.add(Finding::new(Code::HeaderPe, base, found));
    }
}

/// The file's size against the record's; the tables within each other.
fn sizes(subject: &Subject<'_>, record: &Record, inspection: &mut Inspection) {
    let base = subject.link_range().start;
    let loaded = loaded(subject, base);
    let recorded = u64::from(record.file_size);
    // A loader may have appended zeros; a file that was cut is damaged.
    let fits = match subject.kind() {
        Kind::LandfallImage => recorded == subject.file().len() as u64,
        _ => recorded >= loaded,
    };
    if !fits {
        let held = if subject.kind().is_elf() { loaded } else { subject.file().len() as u64 };
        let found = format!("the record says that the file has {recorded:#x} bytes, and {held:#x} are there");
        inspection.add(Finding::new(Code::RecordSize, base.wrapping_add(0x4c), found));
    }
    let end = |extent: record::Extent| u64::from(extent.offset) + u64::from(extent.size);
    for (name, offset, extent) in [("RELR table", 0x68, record.relr_room()), ("policy", 0x70, record.policy)]
    {
        let within = extent.offset >= record.sealed.offset && end(extent) <= end(record.sealed);
        if !within {
            let found = format!(
                "the {name} at {:#x} to {:#x} lies outside of the sealed tables at {:#x} to {:#x}",
                extent.offset,
                end(extent),
                record.sealed.offset,
                end(record.sealed)
            );
            inspection.add(Finding::new(Code::RecordTable, base.wrapping_add(offset), found));
        }
    }
    if u64::from(record.sealed.offset) < u64::from(record.text_size) {
        let found = format!(
            "the sealed tables at {:#x} lie within {:#x} bytes of code",
            record.sealed.offset, record.text_size
        );
        inspection.add(Finding::new(Code::RecordTable, base.wrapping_add(0x60), found));
    }
}

/// Bytes from the image's start to the end of what segments hold.
fn loaded(subject: &Subject<'_>, base: Address) -> u64 {
    let end = |segment: &crate::subject::Segment<'_>| {
        segment.address.wrapping_add(segment.bytes.len() as u64).wrapping_offset_from(base)
    };
    let held = subject.segments().iter().filter(|segment| !segment.bytes.is_empty());
    held.map(end).max().unwrap_or_default()
}
