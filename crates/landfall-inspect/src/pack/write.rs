//! The planned changes, written into a copy of the file.

use landfall_image::record;

use super::PackError;
use super::headers::{self, Table};
use super::plan::Plan;
use crate::subject::Subject;
use crate::units::Address;

/// The offset of the RELR table's bytes in the record of a landfall kernel.
const RECORD_SIZE: usize = record::OFFSET + 0x2c;

/// Returns the file with the changes.
pub(super) fn apply(subject: &Subject<'_>, plan: &Plan) -> Result<Vec<u8>, PackError> {
    let mut file = subject.file().to_vec();
    let outside = |address| PackError::Room { start: address, room: 0, needed: 8 };
    let mut put = |address: Address, bytes: &[u8]| {
        let place = subject.file_place(address, bytes.len()).ok_or(outside(address))?;
        file.get_mut(place).ok_or(outside(address))?.copy_from_slice(bytes);
        Ok::<(), PackError>(())
    };
    for (place, value) in &plan.words {
        put(Address(*place), &value.to_le_bytes())?;
    }
    let size = plan.table.len() as u64 * 8;
    let mut room = vec![0; usize::try_from(plan.room).map_err(|_| outside(plan.start))?];
    for (place, word) in room.as_chunks_mut().0.iter_mut().zip(&plan.table) {
        *place = word.to_le_bytes();
    }
    put(plan.start, &room)?;
    put(plan.size_word, &size.to_le_bytes())?;
    if subject.kind().is_landfall() {
        // The room lies in an image, all of whose offsets are numbers of 32 bits.
        let size = u32::try_from(size).map_err(|_| outside(plan.start))?;
        put(subject.link_range().start.wrapping_add(RECORD_SIZE as u64), &size.to_le_bytes())?;
    }
    let place = subject.file_place(plan.start, room.len()).ok_or(outside(plan.start))?;
    headers::change(subject, &Table { start: plan.start, offset: place.start as u64, size }, &mut file);
    Ok(file)
}
