//! The policy record.

use landfall_image::feature::Feature;
use landfall_image::record::Record;
use landfall_plan::{MissingFeature, PhysicalPlacement, Policy, PolicyError};

use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::Subject;

/// Checks the policy of a landfall kernel.
pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    if !subject.kind().is_landfall() {
        return;
    }
    let record = subject.image().ok().and_then(|image| Some((image, Record::read(image).ok()?)));
    let Some((image, record)) = record else {
        inspection.skip("policy", "the record does not say where it is");
        return;
    };
    let at = subject.link_range().start.wrapping_add(record.policy.offset.into());
    let bytes = record.policy.of(image).unwrap_or_default();
    let Some(policy) = bytes.first_chunk::<{ Policy::RECORD_SIZE }>() else {
        let found =
            format!("the policy takes {:#x} bytes, and a policy has {:#x}", bytes.len(), Policy::RECORD_SIZE);
        inspection.add(Finding::new(Code::PolicyMissing, at, found));
        return;
    };
    let moves = |policy: &Policy| policy.physical_placement() != PhysicalPlacement::Stay;
    let (code, found) = match Policy::from_record(policy) {
        Ok(read) if record.missing.contains(Feature::Relocate) && moves(&read) => {
            (Code::PolicyCompiledOut, MissingFeature::Relocate.to_string())
        }
        Ok(read) => {
            // Bytes that mean nothing are 0, so what is read and written again is the same.
            let again = read.record();
            let Some(other) = policy.iter().zip(&again).position(|(found, right)| found != right) else {
                return;
            };
            let found =
                format!("the byte at offset {other:#x} is {:#x}, and no policy has it", policy[other]);
            (Code::PolicyImpossible, found)
        }
        Err(error @ PolicyError::Version { .. }) => (Code::PolicyVersion, error.to_string()),
        Err(error) => (Code::PolicyImpossible, error.to_string()),
    };
    inspection.add(Finding::new(code, at, found));
}
