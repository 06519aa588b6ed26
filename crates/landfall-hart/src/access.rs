//! Kinds of accesses to memory, and their orders.

/// A kind of access to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// A load, or a load-reserved.
    Load,
    /// A store, an AMO, or a store-conditional.
    Store,
    /// A fetch.
    Fetch,
}

/// The order that an atomic instruction asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// `aq`: nothing younger comes before it.
    pub(crate) acquire: bool,
    /// `rl`: nothing older comes after it.
    pub(crate) release: bool,
}
