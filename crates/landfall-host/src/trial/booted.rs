//! The result of one boot.

use super::at_main::Layout;
use super::outcome::Observed;

/// A boot that is over.
#[derive(Debug, Default)]
pub(super) struct Booted {
    /// The reasons for which it failed; none if it passed.
    pub(super) reasons: Vec<String>,
    /// The properties of its machine.
    pub(super) observed: Observed,
    /// The places of its landing.
    pub(super) layout: Option<Layout>,
    /// The reason for which no machine ran.
    pub(super) impossible: Option<String>,
    /// The rule of a refusal that the kernel's policy wants, as the plan does.
    pub(super) refusal: Option<String>,
}

impl Booted {
    /// Adds a reason for which the boot failed.
    pub(super) fn failed(mut self, reason: &dyn ToString) -> Self {
        self.reasons.push(reason.to_string());
        self
    }
}
