//! Changes whose fence is still to come.

use core::mem::ManuallyDrop;

use landfall_paging::VirtRange;

use crate::area::{self, Area};
use crate::change::Change;
use crate::fence::FenceFailed;
use crate::kernel::KernelSpace;
use crate::machine::Machine;
use crate::memory::Memory;

/// A change of permissions. Until its fence has been executed, harts may use the old ones.
///
/// Dropping it executes the fence. If that fails, the old permissions may stay in use: call
/// [`Flush::complete`] where that matters.
#[must_use = "dropping it executes the fence at once; `complete` reports its failure"]
#[derive(Debug)]
pub struct Flush<'s, M: Machine> {
    space: &'s KernelSpace<M>,
    range: VirtRange,
    change: Change,
}

impl<'s, M: Machine> Flush<'s, M> {
    pub(crate) const fn new(space: &'s KernelSpace<M>, range: VirtRange, change: Change) -> Self {
        Self { space, range, change }
    }

    /// Returns the addresses whose translation has changed.
    #[must_use]
    pub const fn range(&self) -> VirtRange {
        self.range
    }

    /// Executes the fence on all harts.
    ///
    /// # Errors
    /// [`FenceFailed`].
    pub fn complete(self) -> Result<(), FenceFailed> {
        let flush = ManuallyDrop::new(self);
        flush.space.complete(flush.change)
    }
}

impl<M: Machine> Drop for Flush<'_, M> {
    fn drop(&mut self) {
        // There is no caller to report it to, and no memory depends on it.
        let _ = self.space.complete(self.change);
    }
}

/// An area that was unmapped. Its memory and its addresses are withheld until the fence has been
/// executed on all harts.
///
/// Dropping it executes the fence and frees the addresses, and loses the memory. Forgetting it
/// withholds both for good.
#[must_use = "`complete` returns the memory; dropping loses it"]
#[derive(Debug)]
pub struct Withdrawal<'s, M: Machine> {
    space: &'s KernelSpace<M>,
    area: Option<Area>,
    change: Change,
}

impl<'s, M: Machine> Withdrawal<'s, M> {
    pub(crate) const fn new(space: &'s KernelSpace<M>, area: Area, change: Change) -> Self {
        Self { space, area: Some(area), change }
    }

    /// Returns the addresses that were unmapped.
    #[must_use]
    pub fn range(&self) -> VirtRange {
        self.area.as_ref().map_or(VirtRange::EMPTY, Area::range)
    }

    /// Executes the fence on all harts, frees the addresses, and returns the memory.
    ///
    /// # Errors
    /// [`FenceFailed`]: memory and addresses are withheld for good.
    pub fn complete(mut self) -> Result<Memory, FenceFailed> {
        let area = self.area.take();
        let Some(area) = area else { unreachable!("a withdrawal completes once") };
        finish(self.space, &area, self.change)?;
        // SAFETY: the area held this memory, and no hart translates to it any more.
        Ok(unsafe { Memory::new(area.memory) })
    }
}

impl<M: Machine> Drop for Withdrawal<'_, M> {
    fn drop(&mut self) {
        if let Some(area) = self.area.take() {
            // On failure the entries stay withdrawn, and keep the addresses.
            let _ = finish(self.space, &area, self.change);
        }
    }
}

fn finish<M: Machine>(space: &KernelSpace<M>, area: &Area, change: Change) -> Result<(), FenceFailed> {
    space.complete(change)?;
    space.with_editor(|editor| {
        // SAFETY: the fence of the withdrawal has been executed on every hart.
        unsafe { editor.sweep(area.range.start(), area.range.size(), |_| {}) };
        area::free::<M>(editor, area);
    });
    Ok(())
}
