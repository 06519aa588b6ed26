//! The reason against a hart's landing.

use core::fmt;

/// The reason why a hart does not land.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Absence {
    /// The kernel has no function for other harts.
    NotWanted,
    /// The policy limits the number of harts.
    BeyondLimit,
    /// Its `mmu-type` does not reach the mode, or is not stated.
    WithoutMode,
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotWanted => "not started: the kernel has no function for other harts",
            Self::BeyondLimit => "not started: the kernel's policy wants no more",
            Self::WithoutMode => "left out: its mmu-type does not reach the mode, or is not stated",
        })
    }
}
