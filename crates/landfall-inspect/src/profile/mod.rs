//! Kernels that are known.

mod linux;

use crate::acceptance::Accepted;

/// A kernel whose early code and whose accepted findings are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// The facts in the file itself.
    #[default]
    None,
    /// Linux for RISC-V.
    Linux,
}

/// A function that early code leads to and that is not followed: a finding of its own, which the
/// profile accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfollowed {
    /// Its name.
    pub(crate) symbol: &'static str,
    /// The end of the function.
    pub(crate) comes: Comes,
    /// Why it is accepted.
    pub(crate) reason: &'static str,
}

/// The end of a function: a return to its caller, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comes {
    Back,
    Never,
}

/// The place of early code, by names of functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// The first of them must be there.
    pub(crate) roots: &'static [&'static str],
    pub(crate) ends: &'static [&'static str],
}

impl Profile {
    /// Findings that are known and accepted, with the reason.
    #[must_use]
    pub fn accepted(self) -> Vec<Accepted> {
        match self {
            Self::None => Vec::new(),
            Self::Linux => linux::accepted(),
        }
    }

    /// The place of its early code.
    pub(crate) const fn window(self) -> Option<Window> {
        match self {
            Self::None => None,
            Self::Linux => Some(linux::WINDOW),
        }
    }

    /// Functions that are not followed.
    pub(crate) const fn unfollowed(self) -> &'static [Unfollowed] {
        match self {
            Self::None => &[],
            Self::Linux => linux::UNFOLLOWED,
        }
    }
}
