//! Fences for harts to execute, and their failure.

use core::fmt;

use landfall_paging::Fence;

use crate::asid::Asid;

/// A fence for a hart to execute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FenceRequest {
    /// For translations of all address spaces, global ones included: `sfence.vma` with rs2 = x0.
    Kernel(Fence),
    /// For translations of one user address space: `sfence.vma` with rs2 = its ASID. Global
    /// translations may stay.
    User(Fence, Asid),
    /// For instructions that were stored: `fence.i`.
    Instructions,
}

/// A fence was not executed by all harts that it is for. The memory and the addresses that it
/// covers are withheld for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FenceFailed {
    /// The error of the SBI, or 0 if another mechanism failed.
    pub sbi_error: i64,
}

impl FenceFailed {
    /// Returns the failure of a call of the SBI.
    #[must_use]
    pub const fn of_sbi(sbi_error: i64) -> Self {
        Self { sbi_error }
    }
}

impl fmt::Display for FenceFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let consequence = "the memory and the addresses that it covers are withheld for good";
        write!(f, "a remote fence failed (SBI error {}); {consequence}", self.sbi_error)
    }
}

impl core::error::Error for FenceFailed {}
