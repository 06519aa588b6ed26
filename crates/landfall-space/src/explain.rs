//! The explanation of an address, from the tables as they are.

use core::fmt;

use landfall_paging::{Access, PAGE_SIZE, Unmapped, VirtAddr, deciding_entry};
use landfall_plan::plan::{Region as LandedRegion, STACK_GUARD};

use crate::kernel::KernelSpace;
use crate::kind::Kind;
use crate::machine::Machine;
use crate::user::UserSpace;

/// The explanation of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Explanation {
    /// A part of a mapping that the space made.
    Mapped(Kind, Access),
    /// The guard below a mapping, `distance` bytes below its first address.
    GuardBelow {
        /// The use of the mapping.
        kind: Kind,
        /// Bytes.
        distance: u64,
    },
    /// The guard above a mapping, `distance` bytes behind its last address.
    GuardAbove {
        /// The use of the mapping.
        kind: Kind,
        /// Bytes.
        distance: u64,
    },
    /// Reserved for a mapping that does not exist yet.
    Reserved(Kind),
    /// It was unmapped, and the fence has not been completed.
    Withdrawn(Kind),
    /// The guard below a stack of the landing, `distance` bytes below its first address.
    LandedGuard {
        /// The stack, and its hart.
        region: LandedRegion,
        /// Bytes below the stack.
        distance: u64,
    },
    /// A region of the landing. In the dynamic and the near region: no mapping.
    Landed(LandedRegion),
    /// A page of user mode.
    User(Access),
    /// An address of user mode that is not mapped.
    UserUnmapped,
    /// An address of user mode that was unmapped, before its fence was completed.
    UserWithdrawn,
    /// No address of the kernel's.
    Unknown,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mapped(kind, access) => write!(f, "{kind}, {}", access.name()),
            Self::GuardBelow { kind, distance } => write!(f, "{distance} bytes below {kind}: its guard"),
            Self::GuardAbove { kind, distance } => write!(f, "{distance} bytes above {kind}: its guard"),
            Self::Reserved(kind) => write!(f, "reserved for {kind}, not mapped"),
            Self::Withdrawn(kind) => write!(f, "unmapped {kind}, before its fence"),
            Self::LandedGuard { region: LandedRegion::StackGuard(hart), distance } => {
                write!(f, "{distance} bytes below hart {hart}'s stack: its guard")
            }
            Self::LandedGuard { region, distance } => write!(f, "{distance} bytes into {region}"),
            Self::Landed(LandedRegion::Stack(hart)) => write!(f, "hart {hart}'s stack"),
            Self::Landed(region @ (LandedRegion::Near | LandedRegion::Dynamic)) => {
                write!(f, "{region}, not mapped")
            }
            Self::Landed(region) => write!(f, "{region}"),
            Self::User(access) => write!(f, "memory of user mode, {}", access.name()),
            Self::UserUnmapped => f.write_str("an address of user mode, not mapped"),
            Self::UserWithdrawn => f.write_str("unmapped memory of user mode, before its fence"),
            Self::Unknown => f.write_str("no address of the kernel"),
        }
    }
}

impl<M: Machine> KernelSpace<M> {
    /// Returns what an address is. It takes no lock, allocates nothing and changes nothing, so a
    /// trap handler can call it. While another hart changes the tables around the address, the
    /// answer may be that of before or after.
    #[must_use]
    pub fn what_is(&self, address: VirtAddr) -> Explanation {
        match self.plan.what_is(address) {
            Some(region @ (LandedRegion::Near | LandedRegion::Dynamic)) => {
                self.explain(address).unwrap_or(Explanation::Landed(region))
            }
            Some(region @ LandedRegion::StackGuard(hart)) => {
                let distance = self.plan.stacks.bottom(hart).wrapping_offset_from(address);
                Explanation::LandedGuard { region, distance }
            }
            Some(region) => Explanation::Landed(region),
            None => Explanation::Unknown,
        }
    }

    /// Explains an address of the two regions. `None` if it is free.
    fn explain(&self, address: VirtAddr) -> Option<Explanation> {
        let (entry, _) = self.entry(address);
        match entry.unmapped() {
            None => Some(Explanation::Mapped(Kind::of(entry.label()), entry.access()?)),
            Some(Unmapped::Free) => None,
            Some(Unmapped::Withdrawn(label)) => Some(Explanation::Withdrawn(Kind::of(label))),
            Some(Unmapped::Reserved(label)) => Some(self.explain_guard(address, Kind::of(label))),
        }
    }

    /// Explains an address in a guard, by the nearest page that is mapped.
    fn explain_guard(&self, address: VirtAddr, kind: Kind) -> Explanation {
        let page = address.align_down(PAGE_SIZE);
        for pages in 1..=STACK_GUARD / PAGE_SIZE {
            let above = page.wrapping_add(pages * PAGE_SIZE);
            if self.is_mapped_as(above, kind) {
                return Explanation::GuardBelow { kind, distance: above.wrapping_offset_from(address) };
            }
            let below = page.wrapping_sub((pages - 1) * PAGE_SIZE);
            if self.is_mapped_as(below.wrapping_sub(PAGE_SIZE), kind) {
                return Explanation::GuardAbove { kind, distance: address.wrapping_offset_from(below) + 1 };
            }
        }
        Explanation::Reserved(kind)
    }

    fn is_mapped_as(&self, address: VirtAddr, kind: Kind) -> bool {
        let (entry, _) = self.entry(address);
        entry.is_valid() && Kind::of(entry.label()) == kind
    }

    pub(crate) fn entry(&self, address: VirtAddr) -> (landfall_paging::Entry, landfall_paging::LeafSize) {
        deciding_entry(&self.machine.tables(), self.mode(), self.root(), address)
    }
}

impl<M: Machine> UserSpace<'_, M> {
    /// Returns what an address is, in this address space. It takes no lock: the exclusive reference
    /// keeps other harts from giving tables of the lower half back meanwhile.
    #[must_use]
    pub fn what_is(&mut self, address: VirtAddr) -> Explanation {
        let kernel = self.kernel();
        if address.get() >= kernel.mode().half_size() {
            return kernel.what_is(address);
        }
        let memory = kernel.machine.tables();
        let (entry, _) = deciding_entry(&memory, kernel.mode(), self.root(), address);
        match (entry.unmapped(), entry.access()) {
            (None, Some(access)) => Explanation::User(access),
            (Some(Unmapped::Withdrawn(_)), _) => Explanation::UserWithdrawn,
            _ => Explanation::UserUnmapped,
        }
    }
}
