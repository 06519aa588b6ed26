//! The plan by the decisions in a kernel's memory, beside the plan of the same boot by its seed.

use landfall_audit::compare::compare;
use landfall_audit::plan::Plan;
use landfall_audit::{Phys, Span};
use landfall_host::audit::{Decided, NoDecisions};

use crate::session::{Session, as_text};

/// Returns a finding if the memory of the kernel at `base` states another plan. A kernel without
/// the landing index states none.
pub(crate) fn check(session: &mut Session, base: u64, plan: &Plan) -> Vec<String> {
    match try_check(session, base, plan) {
        Ok(findings) => findings,
        Err(error) => vec![format!("remembered: {error}")],
    }
}

fn try_check(session: &mut Session, base: u64, plan: &Plan) -> Result<Vec<String>, String> {
    let mut read = |span: Span<Phys>| session.read(span.start.0, span.size).ok();
    let decided = match Decided::at(&[Phys(base)], &mut read) {
        Err(NoDecisions::Without { .. }) => return Ok(Vec::new()),
        decided => as_text(decided)?,
    };
    let expected = as_text(plan.runs())?.ok_or("the plan has no mappings")?;
    let differences = compare(&expected, decided.runs());
    let first = differences.kept.first();
    Ok(first
        .map(|first| format!("remembered: another plan than by the seed: {first:x?}"))
        .into_iter()
        .collect())
}
