//! The number of a hart that has a stack.

use core::fmt;

/// A hart with a stack, by its number. The boot hart is 0. The other harts that the plan lets land
/// follow in the device tree's order. The number is that of the hart's stack too.
///
/// It is a number: a hart may hand it to another one. So unsafe code must not take it for a proof
/// that it runs on that hart.
///
/// ```
/// use landfall_plan::harts::HartIndex;
///
/// assert_eq!(HartIndex::BOOT, HartIndex::new(0));
/// assert_eq!(HartIndex::new(3).get(), 3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct HartIndex(u64);

impl HartIndex {
    /// The boot hart's.
    pub const BOOT: Self = Self(0);

    /// Returns the index of hart number `number`. A machine need not have that hart.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for HartIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
