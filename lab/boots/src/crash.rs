//! A crash that a test makes.

/// A crash, by its case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crash {
    /// The index of the hart that crashes.
    pub(super) hart: usize,
    /// The index of a hart that takes no interrupts.
    pub(super) deaf: Option<usize>,
    /// The damage that the judge does before the jump.
    pub(super) tamper: Tamper,
}

/// Damage to the crash kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tamper {
    /// Nothing.
    Not,
    /// A bit of its image.
    Image,
    /// A bit of its tree.
    Tree,
}
