//! The plan: every place, every mapping, and the reasons.
//!
//! ```
//! use landfall_plan::harts::HartIndex;
//! use landfall_plan::plan::Region;
//! use landfall_plan::Plan;
//!
//! /// Returns the harts in whose stack guards one of these addresses lies.
//! fn overflows(plan: &Plan, faults: &[landfall_paging::VirtAddr]) -> Vec<HartIndex> {
//!     let regions = faults.iter().filter_map(|address| plan.what_is(*address));
//!     let hart = |region| match region {
//!         Region::StackGuard(hart) => Some(hart),
//!         _ => None,
//!     };
//!     regions.filter_map(hart).collect()
//! }
//! ```

mod block;
mod decide;
mod note;
mod region;

use landfall_paging::{
    Access, LeafCount, LeafFormat, Mapping, Mode, PAGE_SIZE, PhysAddr, PhysRange, VirtAddr, VirtRange,
};

use crate::facts::{Facts, PlacedImage};
use crate::policy::Placement;
use crate::ram_ranges::FreeRanges;
use crate::randomness::{KaslrState, PlaceCount, Seed};

pub use crate::linear::LinearMap;
pub use crate::physical::{Movement, PhysicalPlace, StayReason};
pub use crate::stacks::{OVERFLOW_STACK, STACK_GUARD, Stacks};
pub use note::Note;
pub use region::Region;

/// The kernel's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImagePlace {
    /// Its place in physical memory when it lands.
    pub phys: PlacedImage,
    /// Its first virtual address: congruent to the physical one modulo 2 MiB.
    pub virt: VirtAddr,
    /// At how many places it could lie, for one place in physical memory.
    pub places: PlaceCount,
}

/// The place of the device tree after landing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreePlace {
    /// At its load address.
    Kept,
    /// Copied to here, because the linear map does not hold the place where the loader put it.
    Copied(PhysAddr),
}

/// The number of possible places of each region, given those drawn before it. The order is: linear
/// map, kernel, near region, stacks, dynamic region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlaceCounts {
    /// The near region.
    pub near: PlaceCount,
    /// The dynamic region.
    pub dynamic: PlaceCount,
    /// The stacks.
    pub stacks: PlaceCount,
    /// Tables and stacks, in physical memory.
    pub tables: PlaceCount,
}

/// Everything that is decided about a landing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The paging mode.
    pub mode: Mode,
    /// Which leaves there are.
    pub format: LeafFormat,
    /// The placement of the kernel in the address space.
    pub placement: Placement,
    /// The kernel's place.
    pub image: ImagePlace,
    /// The place of the image in physical memory, and its move.
    pub physical: PhysicalPlace,
    /// The linear map.
    pub linear: LinearMap,
    /// Room for modules and generated code that must be within reach of the kernel's text: above or
    /// below it, at a place of its own. Empty where the policy wants none, and where the kernel is
    /// in the linear map.
    pub near: VirtRange,
    /// Room for what the kernel maps as it runs. No draw changes its size.
    pub dynamic: VirtRange,
    /// An address above the linear map and not above anything of the kernel's own.
    pub border: VirtAddr,
    /// The stacks.
    pub stacks: Stacks,
    /// The place of the device tree.
    pub tree: TreePlace,
    /// The memory that the landing takes: tables, then stacks, then the tree if copied.
    pub block: PhysRange,
    /// Pages of tables, the root first.
    pub table_pages: u64,
    /// At how many places near region, dynamic region, stacks and tables could lie.
    pub places: PlaceCounts,
    /// Leaves that map the linear map.
    pub linear_leaves: LeafCount,
    /// Leaves that map what is outside of it: stacks, and the image where it has a region of its
    /// own.
    pub kernel_leaves: LeafCount,
    /// The randomization of addresses, or the reason against it.
    pub kaslr: KaslrState,
    /// The seed, even if addresses are not random. The kernel's entropy comes from it.
    pub seed: Option<Seed>,
}

impl Plan {
    /// Version of the function from facts, policy and draws to a plan: tools that predict must have
    /// the same.
    pub const VERSION: u32 = 5;

    /// All mappings, in ascending order.
    pub fn mappings(&self, facts: &Facts) -> impl Iterator<Item = Mapping> {
        self.linear.mappings(facts).chain(self.kernel_mappings())
    }

    /// The mappings outside the linear map, in ascending order: the image, where it has a region of
    /// its own, and the stacks.
    pub fn kernel_mappings(&self) -> impl Iterator<Item = Mapping> {
        let image = self.image.phys;
        let own = match self.placement {
            Placement::OwnRegion => [
                (image.text(), Access::ReadExecute),
                (image.constants(), Access::ReadOnly),
                (image.data(), Access::ReadWrite),
            ],
            Placement::LinearMap => [(PhysRange::EMPTY, Access::ReadOnly); 3],
        };
        let virt = move |phys: PhysAddr| self.image.virt.wrapping_add(phys.wrapping_offset_from(image.base));
        let parts = own.into_iter().filter(|(range, _)| !range.is_empty()).map(move |(range, access)| {
            Mapping { virt: virt(range.start()), phys: range.start(), size: range.size(), access }
        });
        let (stacks, count) = (self.stacks, self.stacks.count);
        let below = if stacks.virt < self.image.virt { count } else { 0 };
        stacks.mappings(0..below).chain(parts).chain(stacks.mappings(below..count))
    }

    /// Returns the memory that becomes free once the kernel runs: the landing's parts of the image,
    /// and the place that the image has left.
    #[must_use]
    pub fn free_memory<'a>(&self, facts: &'a Facts) -> FreeRanges<'a> {
        let image = self.image.phys;
        FreeRanges::new(facts, self.linear.reach.end(), [image.read_only(), image.data(), self.block])
    }

    /// The memory of the page tables, the root first.
    #[must_use]
    pub const fn tables(&self) -> PhysRange {
        PhysRange::new(self.block.start(), self.table_pages * PAGE_SIZE)
    }

    /// Returns virtual minus physical address of the image, modulo 2^64: a multiple of 2 MiB.
    #[must_use]
    pub const fn image_offset(&self) -> u64 {
        self.image.virt.get().wrapping_sub(self.image.phys.base.get())
    }

    /// Returns the bits of randomness of the kernel's virtual address: the whole part of log2 of
    /// the number of places. The seed's bits limit it; it is 0 if nothing is random.
    #[must_use]
    pub fn kernel_bits(&self) -> u32 {
        let places = match self.placement {
            Placement::OwnRegion => u128::from(self.image.places.get()),
            // It moves with the linear map, and with its place in physical memory.
            Placement::LinearMap => {
                u128::from(self.image.places.get()) * u128::from(self.physical.places.get())
            }
        };
        self.if_random(places.ilog2())
    }

    /// The same for the linear map.
    #[must_use]
    pub const fn linear_map_bits(&self) -> u32 {
        self.if_random(self.linear.places.bits())
    }

    /// The same for the kernel's physical address.
    #[must_use]
    pub const fn physical_bits(&self) -> u32 {
        self.if_random(self.physical.places.bits())
    }

    /// The same for the near region, beside a kernel whose place is known.
    #[must_use]
    pub const fn near_bits(&self) -> u32 {
        self.if_random(self.places.near.bits())
    }

    /// The same for the dynamic region, beside everything else of the kernel's own.
    #[must_use]
    pub const fn dynamic_bits(&self) -> u32 {
        self.if_random(self.places.dynamic.bits())
    }

    /// The same for the stacks, beside a kernel and a near region whose places are known.
    #[must_use]
    pub const fn stacks_bits(&self) -> u32 {
        self.if_random(self.places.stacks.bits())
    }

    /// The same for the page tables' physical address.
    #[must_use]
    pub const fn tables_bits(&self) -> u32 {
        self.if_random(self.places.tables.bits())
    }

    /// Returns `bits`, but no more than the seed has, and 0 if nothing is random.
    const fn if_random(&self, bits: u32) -> u32 {
        match self.kaslr {
            KaslrState::Random(seed) if bits > seed.bits => seed.bits,
            KaslrState::Random(_) => bits,
            _ => 0,
        }
    }
}
