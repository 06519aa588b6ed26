//! Mapping in the kernel's half: memory, stacks, and registers of devices.

use landfall_paging::{Access, MemoryType, PAGE_SIZE, PhysRange, VirtRange};

use crate::area::{Area, DataAccess, Device, Guards, Leaves, free, release};
use crate::error::{Refused, SpaceError};
use crate::flush::{Flush, Withdrawal};
use crate::kernel::{KernelSpace, Region, State};
use crate::kind::Kind;
use crate::machine::Machine;
use crate::memory::Memory;
use crate::place::Shape;

impl<M: Machine> KernelSpace<M> {
    /// Maps memory, with the largest leaves that fit. All harts see the mapping when this returns.
    ///
    /// # Errors
    /// [`SpaceError::NoRoom`], [`SpaceError::Tables`] and [`SpaceError::Fence`].
    pub fn map(&self, memory: Memory, access: DataAccess, region: Region) -> Result<Area, Refused<Memory>> {
        self.map_memory(memory, Guards::PAGES, Kind::Memory, Leaves::of(access), region)
    }

    /// Maps memory as a stack: its guard below is as large as that of the landing's stacks.
    ///
    /// # Errors
    /// As [`KernelSpace::map`].
    pub fn map_stack(&self, memory: Memory) -> Result<Area, Refused<Memory>> {
        let leaves = Leaves::of(DataAccess::ReadWrite);
        self.map_memory(memory, Guards::STACK, Kind::Stack, leaves, Region::Dynamic)
    }

    /// Maps the registers of a device: whole pages, uncached where leaves state it.
    ///
    /// # Errors
    /// [`SpaceError::Ram`] and [`SpaceError::NoSuchMemory`], and as [`KernelSpace::map`].
    pub fn map_device(&self, registers: PhysRange) -> Result<Device, SpaceError> {
        let pages = registers.pages_touched();
        if registers.is_empty() || pages.end().get() > 1 << 56 || !pages.contains(registers) {
            return Err(SpaceError::NoSuchMemory(registers));
        }
        if self.facts.ram.iter().any(|ram| ram.overlaps(pages)) {
            return Err(SpaceError::Ram(registers));
        }
        let leaves = Leaves { access: Access::ReadWrite, memory: MemoryType::Device };
        let area = self.place_and_map(pages, Guards::PAGES, Kind::Device, leaves, Region::Dynamic)?;
        let offset = registers.start().get() & (PAGE_SIZE - 1);
        let registers = VirtRange::new(area.range.start().wrapping_add(offset), registers.size());
        Ok(Device { area, registers })
    }

    /// Changes the permission of a part of an area, in whole pages.
    ///
    /// # Errors
    /// [`SpaceError::Misplaced`] if `part` is not within the area, and [`SpaceError::Tables`].
    pub fn protect(
        &self,
        area: &mut Area,
        part: VirtRange,
        access: DataAccess,
    ) -> Result<Flush<'_, M>, SpaceError> {
        if part.is_empty() || !area.range.contains(part) {
            return Err(SpaceError::Misplaced { virt: part.start(), size: part.size() });
        }
        let change = self.change(|editor| editor.protect(part.start(), part.size(), access.access()))?;
        Ok(Flush::new(self, part, change))
    }

    /// Unmaps an area. Its memory and its addresses are withheld until the fence has been executed
    /// on all harts.
    ///
    /// # Errors
    /// [`SpaceError::Tables`], which an area of this space never gives.
    pub fn unmap(&self, area: Area) -> Result<Withdrawal<'_, M>, Refused<Area>> {
        let (virt, size) = (area.range.start(), area.range.size());
        match self.change(|editor| editor.withdraw(virt, size)) {
            Ok(change) => Ok(Withdrawal::new(self, area, change)),
            Err(error) => Err(Refused::new(error, area)),
        }
    }

    /// Unmaps the registers of a device, on all harts when this returns.
    ///
    /// # Errors
    /// As [`KernelSpace::unmap`], and [`SpaceError::Fence`].
    pub fn unmap_device(&self, device: Device) -> Result<(), SpaceError> {
        let withdrawal = self.unmap(device.area).map_err(|refused| refused.error)?;
        // The registers are the device's, not memory that could be reused.
        withdrawal.complete().map(|registers| _ = registers.into_range()).map_err(SpaceError::Fence)
    }

    pub(crate) fn map_memory(
        &self,
        memory: Memory,
        guards: Guards,
        kind: Kind,
        leaves: Leaves,
        region: Region,
    ) -> Result<Area, Refused<Memory>> {
        match self.place_and_map(memory.range(), guards, kind, leaves, region) {
            Ok(area) => Ok(area),
            Err(SpaceError::Fence(error)) => Err(Refused::withheld(error)),
            Err(error) => Err(Refused::new(error, memory)),
        }
    }

    /// Finds addresses for `memory`, maps it, and fences.
    fn place_and_map(
        &self,
        memory: PhysRange,
        guards: Guards,
        kind: Kind,
        leaves: Leaves,
        region: Region,
    ) -> Result<Area, SpaceError> {
        let (area, change) = self.state.with(&self.machine, |state| {
            let area = self.reserve_area(state, memory, guards, kind, region)?;
            let mut editor = self.editor(&mut state.frames);
            match editor.map_as(leaves.mapping(area.range.start(), memory), leaves.kind(kind)) {
                Ok(fence) => Ok((area, self.changes.note(fence))),
                Err(error) => {
                    free::<M>(&mut editor, &area);
                    Err(SpaceError::Tables(error))
                }
            }
        })?;
        // Harts may keep invalid entries, so no caller knows the addresses before the fence.
        self.complete(change)?;
        Ok(area)
    }

    /// Reserves addresses for `memory`, and its guards.
    pub(crate) fn reserve_area(
        &self,
        state: &mut State<M::Frames>,
        memory: PhysRange,
        guards: Guards,
        kind: Kind,
        region: Region,
    ) -> Result<Area, SpaceError> {
        let (size, Guards { below, above }) = (memory.size(), guards);
        let (align, residue) = self.alignment(memory);
        let (tables, addresses) = (self.tables(), self.region(region));
        let no_room = SpaceError::NoRoom { size: size.saturating_add(below + above), region: addresses };
        let shape = Shape { size, below, above, align, residue };
        let virt = state.placer.find(tables, addresses, shape).ok_or(no_room)?;
        let area = Area { range: VirtRange::new(virt, size), memory, guards, kind };
        let mut editor = self.editor(&mut state.frames);
        let ranges = area.guard_ranges();
        for (index, guard) in ranges.into_iter().enumerate() {
            match editor.reserve(guard, kind.label()) {
                // Nothing is mapped yet, but tables may have been made.
                Ok(fence) => _ = self.changes.note(fence),
                Err(error) => {
                    ranges[..index].iter().for_each(|guard| release::<M>(&mut editor, *guard));
                    return Err(SpaceError::Tables(error));
                }
            }
        }
        Ok(area)
    }
}
