//! Debug information made to take a reader down.

use landfall_inspect::{Hints, Subject, inspect};

use crate::memory::peak;
use crate::small::{Segment, elf};

/// An ELF whose entry, of which there is a finding, is at `entry`, with sections that are not
/// loaded: name, flags, bytes.
fn with_sections(entry: u64, sections: &[(&str, u64, &[u8])]) -> Vec<u8> {
    let mut file = elf(&[Segment(5, 0x8020_0000, 0x1000, 0x1000)]);
    file[24..32].copy_from_slice(&entry.to_le_bytes());
    let mut names = b"\0".to_vec();
    let mut headers = vec![0; 64];
    let mut header = |name: usize, kind: u32, flags: u64, at: usize, size: usize| {
        headers.extend([u32::try_from(name).expect("a name"), kind].map(u32::to_le_bytes).as_flattened());
        headers.extend([flags, 0, at as u64, size as u64, 0, 1, 0].map(u64::to_le_bytes).as_flattened());
    };
    for (name, flags, bytes) in sections {
        header(names.len(), 1, *flags, file.len(), bytes.len());
        names.extend(name.as_bytes());
        names.push(0);
        file.extend(*bytes);
    }
    header(0, 3, 0, file.len(), names.len());
    file.extend(names);
    let table = file.len() as u64;
    file.extend(headers);
    let count = u16::try_from(sections.len() + 2).expect("a few");
    file[0x28..0x30].copy_from_slice(&table.to_le_bytes());
    file[0x3a..0x40].copy_from_slice([64, count, count - 1].map(u16::to_le_bytes).as_flattened());
    file
}

/// Why there are no lines of source, once all places are named.
fn failure(file: &[u8]) -> Option<String> {
    let subject = Subject::read(file).expect("an ELF");
    let judgement = inspect(&subject, &Hints::default()).judge(&subject, &[]);
    assert!(!judgement.findings.is_empty());
    subject.lines_failure()
}

/// The reader looks one byte beyond the address.
#[test]
fn an_address_at_the_end_of_memory_is_named_without_a_line() {
    let file = with_sections(u64::MAX, &[(".debug_str", 0, b"x\0")]);
    let failure = failure(&file).expect("the reader overflows");
    assert!(failure.contains("overflow"), "{failure}");
}

#[test]
fn sections_that_decompress_to_far_more_than_the_file_are_left_alone() {
    for (kind, size) in [(1_u32, u64::MAX), (2, 1 << 40), (1, 1 << 30)] {
        let mut bomb = [kind, 0].map(u32::to_le_bytes).concat();
        bomb.extend([size, 1].map(u64::to_le_bytes).as_flattened());
        bomb.extend([0x78, 0x9c, 0xed, 0xc1]);
        let file = with_sections(0x10, &[(".debug_info", 0x800, &bomb)]);
        let (most, failure) = peak(|| failure(&file));
        let failure = failure.expect("it is not read");
        assert!(failure.contains("16 times as large"), "{failure}");
        assert!(most < 32 * file.len() + (1 << 20), "{most} bytes");
    }
}

#[test]
fn compressed_sections_that_are_damaged_are_told() {
    let mut header = [1_u32, 0].map(u32::to_le_bytes).concat();
    header.extend([100_u64, 1].map(u64::to_le_bytes).as_flattened());
    header.extend([0xff; 20]);
    let file = with_sections(0x10, &[(".debug_info", 0x800, &header)]);
    let failure = failure(&file).expect("it is not read");
    assert!(failure.contains(".debug_info"), "{failure}");
}
