//! Physical memory, the log of stores, and the order in which harts see them.

/// What a hart may still see of earlier stores, and its own stores that others may not see yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {}

/// Physical memory.
#[derive(Debug)]
pub(crate) struct Memory {}
