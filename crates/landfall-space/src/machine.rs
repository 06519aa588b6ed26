//! The machine under the tables: its memory, its fences, its harts.

use core::fmt;

use landfall_paging::{Fence, Frames, Satp, TableMemory, TableReader, VirtRange};

use crate::asid::Asid;
use crate::hart::{HartIndex, HartSet};

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

/// The machine on which the tables are in use. One value serves all harts.
///
/// # Safety
/// - [`Machine::tables`] reaches the memory of all tables and of all frames of
///   [`Machine::Frames`].
/// - [`Machine::current_hart`] is the number of the hart that calls it. While
///   [`Machine::without_interrupts`] runs its function, the hart stays the same.
/// - [`Machine::fence_here`] has executed the fence when it returns, and
///   [`Machine::fence_there`] returns `Ok` only after each hart of the set has. All stores that the
///   caller made before are visible to these hart's page-table walks then.
/// - [`Machine::write_satp`] changes `satp` of the calling hart, and nothing else.
pub unsafe trait Machine: Sync + Sized {
    /// The memory of tables. Copies are the same memory.
    type Tables: TableReader + TableMemory + Copy;
    /// The source of frames for tables.
    type Frames: Frames;

    /// Returns the memory of tables.
    fn tables(&self) -> Self::Tables;

    /// Returns the number of the hart that calls.
    fn current_hart(&self) -> HartIndex;

    /// Calls `f` with the hart's interrupts off, and restores them.
    fn without_interrupts<R>(&self, f: impl FnOnce() -> R) -> R;

    /// Executes a fence on the calling hart.
    fn fence_here(&self, request: FenceRequest);

    /// Executes a fence on each hart of `harts`, which does not contain the calling one.
    ///
    /// # Errors
    /// [`FenceFailed`] if a hart may not have executed it.
    fn fence_there(&self, harts: &HartSet, request: FenceRequest) -> Result<(), FenceFailed>;

    /// Serves fences that other harts have requested of the calling one, if they are requested by a
    /// mechanism that interrupts of this mode carry. A hart calls it while it waits.
    fn serve(&self) {}

    /// Writes `satp` of the calling hart.
    fn write_satp(&self, satp: Satp);

    /// Returns the number of bits of an ASID that every hart has, at most 16.
    fn asid_bits(&self) -> u32;

    /// Writes back and drops all cached data of `range`, which is mapped, in each cache
    /// (`cbo.flush` of Zicbom, with `fence iorw, iorw` before and after). Returns `None` if some
    /// hart cannot.
    fn flush_data(&self, range: VirtRange) -> Option<()>;
}
