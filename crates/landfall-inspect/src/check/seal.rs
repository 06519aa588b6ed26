//! The seal.

use landfall_image::record::{CHECKSUM_OFFSET, Record, STATE_OFFSET, UNSEALED};
use landfall_image::seal::{self, SealError};

use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::Subject;

/// Checks the seal of a landfall kernel.
pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    if !subject.kind().is_landfall() {
        return;
    }
    let record = subject.image().ok().and_then(|image| Some((image, Record::read(image).ok()?)));
    let Some((image, record)) = record else {
        inspection.skip("seal", "the record is not readable");
        return;
    };
    let base = subject.link_range().start;
    if record.seal_state == UNSEALED {
        inspection.skip("seal", "the image is not sealed; `cargo landfall build` seals it");
    }
    if let Err(error) = seal::verify(image) {
        let (code, offset) = match error {
            // The relocations have a finding of their own.
            SealError::Unpacked { .. } => return,
            SealError::State { .. } => (Code::SealState, STATE_OFFSET),
            _ => (Code::SealChecksum, CHECKSUM_OFFSET),
        };
        inspection.add(Finding::new(code, base.wrapping_add(offset as u64), error.to_string()));
    }
}
