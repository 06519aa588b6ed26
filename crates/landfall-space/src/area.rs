//! Mappings in the kernel's half: memory, stacks, and registers of devices.

use landfall_paging::{
    Access, Fence, LeafKind, Mapping, MemoryType, PAGE_SIZE, PhysRange, VirtAddr, VirtRange,
};
use landfall_plan::plan::STACK_GUARD;

use crate::error::{Refused, SpaceError};
use crate::flush::{Flush, Withdrawal};
use crate::kernel::{KernelEditor, KernelSpace, Region, State};
use crate::kind::Kind;
use crate::machine::Machine;
use crate::memory::Memory;
use crate::place::Shape;

/// The permissions of memory that never becomes executable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataAccess {
    /// `R--`
    ReadOnly,
    /// `RW-`
    ReadWrite,
}

impl DataAccess {
    pub(crate) const fn access(self) -> Access {
        match self {
            Self::ReadOnly => Access::ReadOnly,
            Self::ReadWrite => Access::ReadWrite,
        }
    }
}

/// A mapping in the kernel's half, with a guard below and one above. It holds its memory.
///
/// Dropping it leaves the mapping in place for good.
#[derive(Debug)]
#[must_use = "the mapping stays for good without its value"]
pub struct Area {
    pub(crate) range: VirtRange,
    pub(crate) memory: PhysRange,
    pub(crate) guards: Guards,
    kind: Kind,
}

/// Bytes that stay unmapped beside an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guards {
    pub(crate) below: u64,
    pub(crate) above: u64,
}

impl Guards {
    pub(crate) const PAGES: Self = Self { below: PAGE_SIZE, above: PAGE_SIZE };
    const STACK: Self = Self { below: STACK_GUARD, above: PAGE_SIZE };
}

impl Area {
    /// Returns the addresses, without the guards.
    #[must_use]
    pub const fn range(&self) -> VirtRange {
        self.range
    }

    /// Returns the physical addresses.
    #[must_use]
    pub const fn memory(&self) -> PhysRange {
        self.memory
    }

    /// Returns what the area is for.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn guard_ranges(&self) -> [VirtRange; 2] {
        let Guards { below, above } = self.guards;
        [
            VirtRange::new(self.range.start().wrapping_sub(below), below),
            VirtRange::new(self.range.end(), above),
        ]
    }
}

/// The registers of a device, mapped.
#[derive(Debug)]
#[must_use = "the mapping stays for good without its value"]
pub struct Device {
    pub(crate) area: Area,
    registers: VirtRange,
}

impl Device {
    /// Returns the addresses of the registers, which may begin at any offset within a page.
    #[must_use]
    pub const fn registers(&self) -> VirtRange {
        self.registers
    }
}

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

    /// Calls `f` with the editor, with the lock held.
    pub(crate) fn with_editor<R>(&self, f: impl FnOnce(&mut KernelEditor<'_, M>) -> R) -> R {
        self.state.with(&self.machine, |state| f(&mut self.editor(&mut state.frames)))
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

/// The permission and the memory type of leaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaves {
    pub(crate) access: Access,
    pub(crate) memory: MemoryType,
}

impl Leaves {
    pub(crate) const fn of(access: DataAccess) -> Self {
        Self { access: access.access(), memory: MemoryType::Ordinary }
    }

    pub(crate) const fn mapping(self, virt: VirtAddr, memory: PhysRange) -> Mapping {
        Mapping { virt, phys: memory.start(), size: memory.size(), access: self.access }
    }

    pub(crate) const fn kind(self, kind: Kind) -> LeafKind {
        LeafKind { memory: self.memory, label: kind.label() }
    }
}

/// Frees the addresses of an area that is not mapped, with its guards.
pub(crate) fn free<M: Machine>(editor: &mut KernelEditor<'_, M>, area: &Area) {
    area.guard_ranges().into_iter().for_each(|guard| release::<M>(editor, guard));
}

/// Frees addresses. They were reserved as one stretch, so no table is missing.
pub(crate) fn release<M: Machine>(editor: &mut KernelEditor<'_, M>, stretch: VirtRange) {
    let released = editor.release(stretch);
    debug_assert!(matches!(released, Ok(Fence::Leaves(_))), "the stretch was reserved");
}
