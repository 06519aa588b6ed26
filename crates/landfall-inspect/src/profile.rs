//! Kernels that are known.

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

impl Profile {
    /// Findings that are known and accepted, with the reason.
    #[must_use]
    pub const fn accepted(self) -> Vec<Accepted> {
        match self {
            Self::None | Self::Linux => Vec::new(),
        }
    }
}
