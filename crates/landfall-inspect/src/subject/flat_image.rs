//! Flat images.

use std::borrow::Cow;

use landfall_image::record::{Parts, Record};
use landfall_image::relr;

use super::module::Placed;
use super::segment::{Access, Segment};
use super::{Kind, LINK_BASE, Slots, Source, Subject, Symbols};
use crate::units::Address;

/// Reads a flat image.
pub(super) fn read(file: &[u8], landfall: bool) -> Subject<'_> {
    let record = if landfall { Record::read(file).ok() } else { None };
    let parts = record.and_then(|record| record.parts(file).ok());
    let base = if landfall { LINK_BASE } else { Address(0) };
    let packed = record.filter(Record::is_packed);
    let table = packed.and_then(|record| record.relr.of(file)).unwrap_or_default();
    let words = table.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word));
    // If no address of the table lies in the image, it was linked elsewhere, and the file does
    // not say where.
    let within = |word: &u64| word.wrapping_sub(base.0) < file.len() as u64;
    let known = words.clone().filter(|word| word & 1 == 0).any(|word| within(&word));
    let words = words.filter(|_| known);
    let mut broken_tables = Vec::new();
    if !table.len().is_multiple_of(8) {
        let what = format!("it takes {} bytes, which is no multiple of 8, an entry's size", table.len());
        broken_tables.push(("the RELR table".to_owned(), what));
    }
    Subject {
        kind: if landfall { Kind::LandfallImage } else { Kind::OtherImage },
        file,
        elf: None,
        entry: Some(base),
        segments: segments(file, base, parts),
        sections: Vec::new(),
        symbols: Symbols::default(),
        relocations: Vec::new(),
        relr: words.clone().collect(),
        broken_tables,
        slots: Slots::of(relr::Slots::new(words)),
        image: Ok(Cow::Borrowed(file)),
        source: Source::default(),
        placed: Placed::default(),
    }
}

/// Returns the parts as segments. The parts of an image without a record are unknown: all of it may
/// be code.
fn segments(file: &[u8], base: Address, parts: Option<Parts>) -> Vec<Segment<'_>> {
    let whole = (Access::CODE, file.len() as u64);
    let parts = parts.map_or_else(
        || vec![whole],
        |Parts { text, constants, early, data }| {
            vec![
                (Access::CODE, text),
                (Access::CONSTANTS, constants),
                (Access::DATA, early),
                (Access::DATA, data),
            ]
        },
    );
    let mut offset = 0;
    let segment = |(index, (access, size)): (usize, (Access, u64))| {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = file.get(start..).unwrap_or_default();
        let bytes = &rest[..rest.len().min(usize::try_from(size).unwrap_or(usize::MAX))];
        let address = base.wrapping_add(offset);
        let file_offset = offset;
        offset += size;
        let file_size = bytes.len() as u64;
        Segment {
            index,
            address,
            load_address: address,
            size,
            file_offset,
            file_size,
            bytes,
            access,
            flags: 0,
            align: 1,
        }
    };
    parts.into_iter().enumerate().map(segment).collect()
}
