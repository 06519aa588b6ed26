//! The policy that an inner kernel needs of its wrapper.

use landfall_paging::{LeafSize, Mode};
use landfall_plan::Policy;
use landfall_plan::policy::Placement;
use landfall_predict::policy::Change;
use landfall_wrap::{Inner, Kind, WINDOW};

use super::WrapError;

/// Returns the changes of the wrapper's own policy that the kernel needs. Its addresses stay free,
/// and its modes have them.
pub(super) fn changes(inner: &Inner<'_>) -> Result<Vec<Change>, WrapError> {
    let mut words = Vec::new();
    let least = inner.least_mode();
    if least != Mode::Sv39 {
        words.push(format!("modes={least}..{}", Mode::Sv57));
    }
    let span = inner.span();
    if inner.kind() == Kind::Fixed && !WINDOW.contains(span) {
        let start = span.start().align_down(LeafSize::M2.bytes());
        let size = span.end().wrapping_offset_from(start).next_multiple_of(LeafSize::M2.bytes());
        words.push(format!("window={start}:{:#x}", size));
    }
    words.iter().map(|word| Ok(word.parse()?)).collect()
}

/// Checks the policy of the finished wrapper.
pub(super) fn check(policy: &Policy, inner: &Inner<'_>) -> Result<(), WrapError> {
    if policy.placement() == Placement::LinearMap {
        return Err(WrapError::Placement);
    }
    let (lowest, least) = (*policy.modes().start(), inner.least_mode());
    if lowest < least {
        return Err(WrapError::Mode { lowest, least });
    }
    Ok(())
}
