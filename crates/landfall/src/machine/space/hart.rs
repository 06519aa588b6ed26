//! The number of the calling hart. The landing keeps it in no register: `tp` and `gp` are the
//! kernel's.

use landfall_plan::harts::HartIndex;

use super::super::landing::Landing;
use super::super::stack_pointer;

/// Names the calling hart.
///
/// # Safety
/// [`CurrentHart::current`] returns the number of the hart that calls it, on each hart that uses
/// the address space, in trap handlers too. Fences are executed by that number: a wrong one leaves
/// a hart out.
pub unsafe trait CurrentHart: Sync {
    /// Returns the number of the calling hart.
    fn current(&self) -> HartIndex;
}

/// Harts that run on the stacks that the landing gave them, or on their overflow stacks. `sp`
/// names the hart.
#[derive(Clone, Copy, Debug)]
pub struct LandedStacks {
    landing: &'static Landing,
}

impl LandedStacks {
    /// Returns the harts of the landing.
    #[must_use]
    pub const fn of(landing: &'static Landing) -> Self {
        Self { landing }
    }
}

// SAFETY: each stack of the landing is one hart's. To bring `sp` to the stack of another hart is
// unsafe, and so is a switch to another stack.
unsafe impl CurrentHart for LandedStacks {
    /// # Panics
    /// If `sp` is in no stack of the landing.
    fn current(&self) -> HartIndex {
        let stacks = &self.landing.plan().stacks;
        match stacks.hart_of(stack_pointer()) {
            Some(hart) => hart,
            None => panic!(
                "sp is in no stack of the landing; name the calling hart with LandedTables::into_space_with"
            ),
        }
    }
}
