//! The inner kernel of a wrapper.

use landfall_image::inner::InnerRecord;
use landfall_wrap::Inner;

use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::Subject;
use crate::units::Address;

/// Checks the record of an inner kernel, and the kernel in it. Most landfall kernels have none.
pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    let Some((place, bytes)) = record(subject) else { return };
    let fault = match InnerRecord::read(bytes) {
        Err(error) => Some((Code::InnerRecord, error.to_string())),
        Ok(record) => {
            let broken = |rule| format!("the inner kernel breaks rule {rule}");
            Inner::read(record.kernel())
                .err()
                .map(|refusal| (Code::InnerRule, format!("{}: {refusal}", broken(refusal.rule()))))
        }
    };
    if let Some((code, text)) = fault {
        inspection.add(Finding::new(code, place, text));
    }
}

/// Returns the link address of the record, and the image from there on.
fn record<'a>(subject: &'a Subject<'_>) -> Option<(Address, &'a [u8])> {
    let image = subject.image().ok().filter(|_| subject.kind().is_landfall())?;
    let offset = InnerRecord::find(image)?;
    Some((subject.link_range().start.wrapping_add(offset as u64), image.get(offset..)?))
}

/// Returns the link address and the bytes of the record. They are another kernel's: no word in them
/// is an address of this one. A damaged record counts as far as the image goes.
pub(super) fn foreign(subject: &Subject<'_>) -> Option<(Address, u64)> {
    let (place, bytes) = record(subject)?;
    let size = InnerRecord::read(bytes).map_or(bytes.len(), |record| record.bytes().len());
    Some((place, size as u64))
}
