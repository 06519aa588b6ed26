//! Sets of the landing's harts.

use landfall_plan::HartSet;

use super::harts::HartState;
use super::landing::Landing;

impl Landing {
    /// Returns the harts that have landed, the boot hart included. The set does not grow after
    /// `main` has begun: the boot hart waits until each hart has landed or is skipped.
    #[must_use]
    pub fn online_harts(&self) -> HartSet {
        self.harts_that(|state| state == HartState::Online)
    }

    /// Returns the harts that may use the landing's tables: those that have landed, and those that
    /// began to land and were not heard of again.
    pub(super) fn harts_in_the_tables(&self) -> HartSet {
        self.harts_that(|state| matches!(state, HartState::Online | HartState::Lost))
    }

    fn harts_that(&self, has_state: impl Fn(HartState) -> bool) -> HartSet {
        self.on_stacks().filter(|(.., state)| has_state(*state)).map(|(hart, ..)| hart).collect()
    }
}
