//! Kernels that are known.

mod linux;

use crate::acceptance::Accepted;

/// A kernel whose early code and whose accepted findings are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// What the file itself tells.
    #[default]
    None,
    /// Linux for RISC-V.
    Linux,
}

/// A function that early code leads to and that is not followed: a finding of its own, which the profile accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfollowed {
    /// Its name.
    pub(crate) symbol: &'static str,
    /// Whether it comes back.
    pub(crate) comes: Comes,
    /// Why it is accepted.
    pub(crate) reason: &'static str,
}

/// Whether a function comes back to who called it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comes {
    Back,
    Never,
}

/// Where early code lies, by names of functions.
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

    /// Where its early code lies.
    pub(crate) const fn window(self) -> Option<Window> {
        match self {
            Self::None => None,
            Self::Linux => Some(linux::WINDOW),
        }
    }

    /// What of it is not followed.
    pub(crate) const fn unfollowed(self) -> &'static [Unfollowed] {
        match self {
            Self::None => &[],
            Self::Linux => linux::UNFOLLOWED,
        }
    }
}
