//! The stores that a hart knew when it fenced.

/// The stores that a hart knew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// Its own stores up to this time.
    pub(crate) own: u64,
    /// The stores of others up to this time.
    pub(crate) others: u64,
}

impl Known {
    /// Returns true if the hart knew of a store.
    pub(crate) const fn of(self, is_own: bool, time: u64) -> bool {
        time <= if is_own { self.own } else { self.others }
    }
}
