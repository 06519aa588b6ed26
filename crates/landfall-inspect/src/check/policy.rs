//! The policy record.

use landfall_image::feature::Feature;
use landfall_image::inner::InnerRecord;
use landfall_image::record::Record;
use landfall_plan::Policy;
use landfall_plan::policy::{PhysicalPlacement, PolicyError, PolicyReadError};
use landfall_plan::refusal::MissingFeature;
use landfall_wrap::check_policy;

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
    let moves = |policy: &Policy| policy.physical_placement() != PhysicalPlacement::Stay;
    let (code, found) = match Policy::read(bytes) {
        Ok(policy) if record.missing.contains(Feature::Relocate) && moves(&policy) => {
            (Code::PolicyCompiledOut, MissingFeature::Relocate.to_string())
        }
        Ok(policy) => match other_than(&policy, bytes).or_else(|| fault_of_wrapper(&policy, image)) {
            None => return,
            Some(found) => (Code::PolicyImpossible, found),
        },
        Err(error @ PolicyReadError::CutOff { .. }) => (Code::PolicyMissing, error.to_string()),
        Err(
            error @ (PolicyReadError::Newer { .. } | PolicyReadError::Invalid(PolicyError::Version { .. })),
        ) => (Code::PolicyVersion, error.to_string()),
        Err(error) => (Code::PolicyImpossible, error.to_string()),
    };
    inspection.add(Finding::new(code, at, found));
}

/// Returns the first byte that no policy has.
///
/// Bytes without a meaning are 0, so a policy that is written again has the same bytes. An earlier
/// version cannot be written any more.
fn other_than(policy: &Policy, bytes: &[u8]) -> Option<String> {
    let again = policy.record();
    if !bytes.starts_with(&Policy::VERSION.to_le_bytes()) {
        return None;
    }
    let other = bytes.iter().zip(&again).position(|(found, right)| found != right)?;
    Some(format!("the byte at offset {other:#x} is {:#x}, and no policy has it", bytes[other]))
}

/// Returns the reason for which no wrapper can run with the policy.
fn fault_of_wrapper(policy: &Policy, image: &[u8]) -> Option<String> {
    InnerRecord::find(image)?;
    check_policy(policy).err().map(|fault| fault.to_string())
}
