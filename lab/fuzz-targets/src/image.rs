//! Boot header, landfall record and seal of an untrusted image.

use landfall_image::header::BootHeader;
use landfall_image::record::Record;
use landfall_image::seal::{seal, verify};

/// Reads the input as an image, and seals it.
///
/// # Panics
/// If landfall fails on it.
pub fn run(image: &[u8]) {
    let _ = BootHeader::read(image);
    let record = Record::read(image);
    if verify(image).is_ok() {
        assert!(record.is_ok(), "a seal holds only where there is a record");
    }
    if let Ok(record) = record {
        for extent in [record.sealed, record.relr, record.policy] {
            let bytes = extent.of(image).expect("what a record names lies in the file");
            assert_eq!(bytes.len(), extent.size as usize);
        }
    }
    let mut sealed = image.to_vec();
    if seal(&mut sealed).is_err() {
        return;
    }
    // Unless the tables that it covers are the checksum itself, a seal holds, and no bit of header
    // or record can change.
    let tables = Record::read(&sealed).expect("it was sealed").sealed;
    if tables.offset < 0x80 {
        return;
    }
    assert_eq!(verify(&sealed), Ok(()));
    for at in 0..0x80 {
        sealed[at] ^= 0x10;
        assert!(verify(&sealed).is_err(), "byte {at:#x} was damaged and nobody saw");
        sealed[at] ^= 0x10;
    }
}
