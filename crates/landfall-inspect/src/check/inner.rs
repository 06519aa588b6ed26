//! The inner kernel of a wrapper.

use std::fmt;
use std::ops::RangeInclusive;

use landfall_image::inner::InnerRecord;
use landfall_image::record::{Record, SEALED};
use landfall_limine::Requests;
use landfall_paging::{Mode, VirtAddr};
use landfall_plan::Policy;
use landfall_wrap::{Inner, Refusal, Rule};

use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::Subject;
use crate::units::Address;

/// Checks the record of an inner kernel, and the kernel in it. Most landfall kernels have none.
pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    let Some((place, bytes)) = record(subject) else { return };
    let fault = match InnerRecord::read(bytes) {
        Err(error) => Some((Code::InnerRecord, error.to_string())),
        Ok(record) => broken_rule(record.kernel(), modes(subject)).map(|text| (Code::InnerRule, text)),
    };
    if let Some((code, text)) = fault {
        inspection.add(Finding::new(code, place, text));
    }
}

/// Returns the rule that the kernel breaks if the landing may take one of these modes.
fn broken_rule(kernel: &[u8], modes: Option<RangeInclusive<Mode>>) -> Option<String> {
    let text = |rule: &dyn fmt::Display, why: &dyn fmt::Display| {
        Some(format!("the inner kernel breaks rule {rule}: {why}"))
    };
    let inner = match Inner::read(kernel) {
        Ok(inner) => inner,
        Err(refusal) => return text(&refusal.rule(), &refusal),
    };
    let (lowest, highest) = modes?.into_inner();
    let least = inner.least_mode();
    if lowest < least {
        return text(&Rule::Mode, &Refusal::Mode { mode: lowest, least });
    }
    let start = inner.virtual_place(None).start;
    let requests = match Requests::find(&loaded(&inner, start)?) {
        Ok(requests) => requests?,
        Err(refusal) => return text(&refusal.rule(), &refusal),
    };
    let refused = [lowest, highest].into_iter().find_map(|mode| requests.check_mode(mode).err());
    let refused = refused.or_else(|| requests.check_entry(|entry| inner.is_entry(start, entry)).err())?;
    text(&refused.rule(), &refused)
}

/// Returns the kernel in memory at `start`. One that takes more than 1 GiB is not loaded.
fn loaded(inner: &Inner<'_>, start: VirtAddr) -> Option<Vec<u8>> {
    const LARGEST: u64 = 1 << 30;
    let size = usize::try_from(inner.span().size()).ok().filter(|size| *size as u64 <= LARGEST)?;
    let mut memory = vec![0; size];
    inner.load(&mut memory, start).ok()?;
    Some(memory)
}

/// Returns the modes of the policy, if it can be read. `wrap` writes the policy before it seals the
/// image, so an image without a seal has none of its own yet.
fn modes(subject: &Subject<'_>) -> Option<RangeInclusive<Mode>> {
    let image = subject.image().ok()?;
    let record = Record::read(image).ok().filter(|record| record.seal_state == SEALED)?;
    Some(Policy::read(record.policy.of(image)?).ok()?.modes())
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
