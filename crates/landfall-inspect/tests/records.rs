//! Records of every version that images have: earlier ones are no fault, later ones are named.

use landfall_inspect::finding::Area;
use landfall_inspect::{Subject, inspect_tables};
use landfall_plan::Policy;

/// A flat image: three pages of file, a page of `.bss`; records of these versions.
fn image(record: u8, policy: &[u8]) -> Vec<u8> {
    let mut image = vec![0; 0x3000];
    let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
    put(0x08, &0x20_0000_u64.to_le_bytes());
    put(0x10, &0x4000_u64.to_le_bytes());
    put(0x20, &[2]);
    put(0x30, b"RISCV\0\0\0RSC\x05");
    put(0x40, b"LANDFALL");
    put(0x48, &[record, 0, 0, 0, 0, 0x30]);
    put(0x50, b"unsealed");
    let size = u32::try_from(policy.len()).expect("a record");
    for (at, extent) in [(0x60, [0x1000, 0x200]), (0x68, [0x1000_u32, 0]), (0x70, [0x1000, size])] {
        put(at, extent.map(u32::to_le_bytes).as_flattened());
    }
    if record != 1 {
        put(0x78, [0x1000_u32, 0x1000].map(u32::to_le_bytes).as_flattened());
    }
    put(0x1000, policy);
    image
}

/// The codes of the findings about the records.
fn codes(image: &[u8]) -> Vec<String> {
    let subject = Subject::read(image).expect("an image");
    let inspection = inspect_tables(&subject);
    let of_records = |code: &landfall_inspect::Code| matches!(code.area(), Area::Record | Area::Policy);
    let findings = inspection.findings().iter().map(|finding| finding.code);
    findings.filter(of_records).map(|code| code.to_string()).collect()
}

/// The policy of a kernel that had a record of version 1.
const FIRST: [u8; 24] = [1, 0, 0, 0, 8, 10, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// The policy of a kernel that had a record of version 2: modes, and sizes at 0x10.
const SECOND: [u8; 240] = {
    let mut record = [0; 240];
    record[0] = 2;
    (record[4], record[5], record[7]) = (8, 10, 1);
    (record[0x12], record[0x1b], record[0x24], record[0x30]) = (1, 8, 4, 0xff);
    record
};

#[test]
fn records_of_earlier_versions_are_no_fault() {
    let now = Policy::new().record();
    for (record, policy) in [(1, &FIRST[..]), (1, &now), (2, &FIRST), (2, &SECOND), (2, &now)] {
        assert_eq!(codes(&image(record, policy)), [""; 0], "{record}, {}", policy[0]);
    }
}

#[test]
fn what_an_earlier_record_does_not_state_is_left_out_by_name() {
    let image = image(1, &FIRST);
    let subject = Subject::read(&image).expect("an image");
    let unchecked = inspect_tables(&subject);
    let left_out = unchecked.unchecked().iter().find(|left_out| left_out.what == "parts of the image");
    assert!(left_out.is_some_and(|left_out| left_out.because.contains("version 1")));
}

#[test]
fn a_later_version_is_a_finding_that_names_both_versions() {
    let mut later = Policy::new().record();
    later[0] = 4;
    for (image, code, version) in [
        (image(3, &Policy::new().record()), "record-version", "version 3"),
        (image(2, &later), "policy-version", "version 4"),
    ] {
        assert_eq!(codes(&image), [code]);
        let subject = Subject::read(&image).expect("an image");
        let found = &inspect_tables(&subject).findings().iter().find(|one| one.code.name() == code).cloned();
        let found = &found.as_ref().expect("the finding").found;
        assert!(found.contains(version), "{found}");
    }
}
