//! The machine under the tables: its memory, its fences, its harts.

use landfall_paging::{Frames, Satp, TableMemory, TableReader, VirtRange};

use crate::fence::{FenceFailed, FenceRequest};
use crate::hart::{HartIndex, HartSet};

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
