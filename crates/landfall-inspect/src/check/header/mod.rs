//! The boot header (Linux, `Documentation/arch/riscv/boot-image-header.rst`).

mod jump;
mod pe;

use landfall_image::header::{MAGIC, MAGIC2, SIZE, TEXT_OFFSET, VERSION};

use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::{Kind, Subject};
use crate::units::Address;

/// On RV64 the distance of an image from a boundary of this many bytes is `text_offset` (Linux,
/// `boot.rst`).
const STEP: u64 = 2 << 20;

/// The header's bytes, and where they are linked.
struct Header<'a> {
    bytes: &'a [u8; SIZE],
    base: Address,
}

impl Header<'_> {
    fn half(&self, offset: usize) -> u32 {
        self.bytes[offset..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    fn word(&self, offset: usize) -> u64 {
        self.bytes[offset..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// A finding about the field at `offset`.
    fn finding(&self, code: Code, offset: u64, found: String) -> Finding {
        Finding::new(code, self.base.wrapping_add(offset), found)
    }
}

/// Checks the header.
pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    let base = subject.link_range().start;
    let Some(bytes) = subject.bytes(base, SIZE).and_then(<[u8]>::first_chunk) else {
        let start = if subject.kind().is_elf() { "first segment" } else { "file" };
        let found = format!("the {start} does not hold the {SIZE} bytes that a boot header takes");
        if subject.kind() == Kind::OtherElf {
            inspection.skip("boot header", found);
        } else {
            inspection.add(Finding::new(Code::HeaderMagic, base, found));
        }
        return;
    };
    let header = Header { bytes, base };
    let magics = [header.word(0x30) == MAGIC, header.half(0x38) == MAGIC2];
    if subject.kind() == Kind::OtherElf && magics == [false, false] {
        inspection.skip("boot header", "this ELF has none: it is loaded by its program headers");
        return;
    }
    for finding in magic(&header).into_iter().chain(fields(&header, subject)).chain(size(&header, subject)) {
        inspection.add(finding);
    }
    if let Err(found) = jump::check(&header, subject) {
        inspection.add(header.finding(Code::HeaderJump, 0, found));
    }
    if let Err(found) = pe::check(&header, subject) {
        inspection.add(header.finding(Code::HeaderPe, 0x3c, found));
    }
}

fn magic(header: &Header<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (magic, magic2) = (header.word(0x30), header.half(0x38));
    if magic != MAGIC {
        let found = format!(
            "magic at 0x30 is \"{}\", and a kernel's is \"RISCV\\0\\0\\0\"",
            magic.to_le_bytes().escape_ascii()
        );
        findings.push(header.finding(Code::HeaderMagic, 0x30, found));
    }
    if magic2 != MAGIC2 {
        let found = format!(
            "magic2 at 0x38 is \"{}\", and a kernel's is \"RSC\\x05\"",
            magic2.to_le_bytes().escape_ascii()
        );
        findings.push(header.finding(Code::HeaderMagic, 0x38, found));
    }
    findings
}

fn fields(header: &Header<'_>, subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let version = header.half(0x20);
    if version != VERSION {
        let found =
            format!("version at 0x20 is {version:#x}, and the one that is defined is {VERSION:#x} (0.2)");
        findings.push(header.finding(Code::HeaderVersion, 0x20, found));
    }
    let reserved = [
        ("flags", 0x18, header.word(0x18)),
        ("res1", 0x24, header.half(0x24).into()),
        ("res2", 0x28, header.word(0x28)),
    ];
    for (name, offset, value) in reserved.into_iter().filter(|(_, _, value)| *value != 0) {
        let found = format!("{name} at {offset:#x} is {value:#x}, and must be 0");
        findings.push(header.finding(Code::HeaderFlags, offset, found));
    }
    let offset = header.word(0x08);
    let right =
        if subject.kind().is_landfall() { offset == TEXT_OFFSET } else { offset.is_multiple_of(STEP) };
    if !right {
        let wanted = if subject.kind().is_landfall() {
            "is 0x200000 in a landfall kernel"
        } else {
            "must be a multiple of 2 MiB"
        };
        let found = format!("text_offset at 0x08 is {offset:#x}, and {wanted}");
        findings.push(header.finding(Code::HeaderOffset, 0x08, found));
    }
    findings
}

/// `image_size` against what the image takes, as far as the file says that.
fn size(header: &Header<'_>, subject: &Subject<'_>) -> Option<Finding> {
    let stated = header.word(0x10);
    let range = subject.link_range();
    let taken = range.end.wrapping_offset_from(range.start);
    let found = match subject.kind() {
        Kind::LandfallElf if stated != taken => {
            format!(
                "image_size at 0x10 is {stated:#x}, and the segments, .bss included, take {taken:#x} bytes"
            )
        }
        Kind::OtherElf if stated < taken => {
            format!(
                "image_size at 0x10 is {stated:#x}, and the segments, .bss included, take {taken:#x} bytes"
            )
        }
        Kind::LandfallImage | Kind::OtherImage if stated < subject.file().len() as u64 => {
            format!(
                "image_size at 0x10 is {stated:#x}, and the file alone has {:#x} bytes",
                subject.file().len()
            )
        }
        _ => return None,
    };
    Some(header.finding(Code::HeaderSize, 0x10, found))
}
