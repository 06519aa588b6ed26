//! Memory that no hart caches.
//!
//! Two mappings of one frame with different memory types lose coherence (privileged specification,
//! "Svpbmt"). So the linear address, which is cached, is unmapped first, on every hart. Then the
//! uncached one is mapped, cached data is dropped through it, and only then does its user learn it.

use landfall_paging::{Access, Mapping, MemoryType, PhysRange, VirtRange};

use crate::area::{Area, DataAccess, Guards, Leaves};
use crate::error::{Refused, SpaceError};
use crate::kernel::{KernelSpace, Region};
use crate::kind::Kind;
use crate::machine::Machine;
use crate::memory::Memory;

/// Memory that no hart caches, mapped at one address alone.
#[derive(Debug)]
#[must_use = "the mapping stays for good without its value"]
pub struct Uncached {
    area: Area,
}

impl Uncached {
    /// Returns the addresses.
    #[must_use]
    pub const fn range(&self) -> VirtRange {
        self.area.range
    }

    /// Returns the physical addresses, for a device.
    #[must_use]
    pub const fn memory(&self) -> PhysRange {
        self.area.memory
    }
}

impl<M: Machine> KernelSpace<M> {
    /// Maps memory of a pool uncached, and nowhere else.
    ///
    /// # Errors
    /// [`SpaceError::NoMemoryTypes`], [`SpaceError::NoCacheFlush`] and
    /// [`SpaceError::OutsidePools`], and as [`KernelSpace::map`].
    pub fn map_uncached(&self, memory: Memory) -> Result<Uncached, Refused<Memory>> {
        let range = memory.range();
        let linear = self.linear(range);
        if !self.format.has_memory_types() {
            return Err(Refused::new(SpaceError::NoMemoryTypes, memory));
        }
        if let Err(error) = self.check_pool(range) {
            return Err(Refused::new(error, memory));
        }
        // It is flushed once where it is still cached: that shows whether the harts can.
        if self.machine.flush_data(linear).is_none() {
            return Err(Refused::new(SpaceError::NoCacheFlush, memory));
        }
        // SAFETY: the memory has one owner, which has no reference to it.
        let withdrawn =
            self.change(|editor| unsafe { editor.withdraw_anywhere(linear.start(), linear.size()) });
        let change = match withdrawn {
            Ok(change) => change,
            Err(error) => return Err(Refused::new(error, memory)),
        };
        if let Err(error) = self.complete(change) {
            return Err(Refused::withheld(error));
        }
        // SAFETY: every hart has executed the fence of the withdrawal.
        self.with_editor(|editor| unsafe { editor.sweep(linear.start(), linear.size(), |_| {}) });
        let leaves = Leaves { access: DataAccess::ReadWrite.access(), memory: MemoryType::Uncached };
        match self.map_memory(memory, Guards::PAGES, Kind::Memory, leaves, Region::Dynamic) {
            Ok(area) => {
                let flushed = self.machine.flush_data(area.range);
                debug_assert!(flushed.is_some(), "it was flushed before");
                Ok(Uncached { area })
            }
            Err(refused) => Err(self.restore(refused)),
        }
    }

    /// Ends an uncached mapping, and maps the memory at its linear address again.
    ///
    /// # Errors
    /// As [`KernelSpace::unmap`], and [`SpaceError::Fence`].
    pub fn unmap_uncached(&self, uncached: Uncached) -> Result<Memory, Refused<Memory>> {
        let withdrawal = match self.unmap(uncached.area) {
            Ok(withdrawal) => withdrawal,
            Err(refused) => return Err(Refused { error: refused.error, returned: None }),
        };
        let memory = withdrawal.complete().map_err(Refused::withheld)?;
        self.map_linear(memory)
    }

    fn restore(&self, refused: Refused<Memory>) -> Refused<Memory> {
        let Some(memory) = refused.returned else { return refused };
        match self.map_linear(memory) {
            Ok(memory) => Refused { error: refused.error, returned: Some(memory) },
            Err(withheld) => withheld,
        }
    }

    /// Maps memory at its linear address again.
    fn map_linear(&self, memory: Memory) -> Result<Memory, Refused<Memory>> {
        let range = memory.range();
        let virt = self.linear(range).start();
        let mapping = Mapping { virt, phys: range.start(), size: range.size(), access: Access::ReadWrite };
        // SAFETY: nothing relies on a fault in the linear map, and the fence of the unmapping has
        // been executed on every hart.
        let mapped = self.change(|editor| unsafe { editor.map_anywhere(mapping) });
        match mapped {
            Ok(change) => self.complete(change).map(|()| memory).map_err(Refused::withheld),
            // It is mapped nowhere: it is lost.
            Err(error) => Err(Refused { error: SpaceError::Tables(error), returned: None }),
        }
    }
}
