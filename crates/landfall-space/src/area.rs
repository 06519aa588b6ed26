//! A mapping of the kernel's half, with its guards.

use landfall_paging::{
    Access, Fence, LeafKind, Mapping, MemoryType, PAGE_SIZE, PhysRange, VirtAddr, VirtRange,
};
use landfall_plan::plan::STACK_GUARD;

use crate::kernel::KernelEditor;
use crate::kind::Kind;
use crate::machine::Machine;

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
    pub(crate) kind: Kind,
}

/// Bytes that stay unmapped beside an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guards {
    pub(crate) below: u64,
    pub(crate) above: u64,
}

impl Guards {
    pub(crate) const PAGES: Self = Self { below: PAGE_SIZE, above: PAGE_SIZE };
    pub(crate) const STACK: Self = Self { below: STACK_GUARD, above: PAGE_SIZE };
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
    pub(crate) registers: VirtRange,
}

impl Device {
    /// Returns the addresses of the registers, which may begin at any offset within a page.
    #[must_use]
    pub const fn registers(&self) -> VirtRange {
        self.registers
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
