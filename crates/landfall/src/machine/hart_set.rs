//! Sets of the landing's harts.

use landfall_plan::harts::{Hart, HartIndex, HartSet};

use super::harts::{HartState, LandingHart};
use super::landing::Landing;

impl Landing {
    /// Returns each hart that has a stack, with its number: the boot hart, then those that the plan
    /// lets follow.
    pub(super) fn on_stacks(&self) -> impl Iterator<Item = (HartIndex, Hart)> + '_ {
        self.harts().filter_map(|LandingHart { index, hart, .. }| Some((index?, hart)))
    }

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
        let those = self.harts().filter(|LandingHart { state, .. }| has_state(*state));
        those.filter_map(|hart| hart.index).collect()
    }
}
