//! A crash that a test makes.

/// A crash, by its case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crash {
    /// The index of the hart that crashes.
    pub(super) hart: usize,
    /// The index of a hart that takes no interrupts.
    pub(super) deaf: Option<usize>,
    /// The way in which other harts are reached.
    pub(super) reach: Reach,
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

/// The way in which a crash reaches other harts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// By interrupts, which a hart may have turned off.
    Interrupts,
    /// By events of the firmware.
    Events,
}

impl Crash {
    /// Returns the index of the hart that is not stopped.
    pub(super) fn missed(self) -> Option<usize> {
        self.deaf.filter(|_| self.reach == Reach::Interrupts)
    }
}
