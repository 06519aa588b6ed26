//! The plan: every place, every mapping, and the reasons.

use landfall_paging::{
    Access, Counting, LeafCount, LeafFormat, Mapper, Mapping, Mode, PAGE_SIZE, PhysAddr, VirtAddr,
};

use crate::arrange::{Arrangement, WindowSize, kernel_grain};
use crate::facts::{Facts, ImageFacts, MemoryTypes};
use crate::harts::{Hart, Svnapot};
use crate::layout::{GUARD, PLACE_GRAIN, VirtRange};
use crate::linear::LinearMap;
use crate::memory::Stretches;
use crate::pack::Packing;
use crate::physical::PhysicalPlace;
use crate::policy::{Kaslr, Placement, Policy, Starting};
use crate::randomness::{Draws, KaslrState, Whole};
use crate::range::Range;
use crate::refusal::Refusal;
use crate::stacks::Stacks;

/// The kernel's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImagePlace {
    /// Its first physical byte when it lands, and its parts.
    pub facts: ImageFacts,
    /// Its first virtual address: congruent to the physical one modulo 2 MiB.
    pub virt: VirtAddr,
    /// At how many places it could lie, for one place in physical memory.
    pub places: Whole,
}

/// Where the device tree is after landing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreePlace {
    /// Where the loader put it.
    Kept,
    /// Copied to here, because the linear map does not hold the place where the loader put it.
    Copied(PhysAddr),
}

/// Everything that is decided about a landing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The paging mode.
    pub mode: Mode,
    /// Which leaves there are.
    pub format: LeafFormat,
    /// Where the kernel is in the address space.
    pub placement: Placement,
    /// The kernel's place.
    pub image: ImagePlace,
    /// How the image came to its place in physical memory.
    pub physical: PhysicalPlace,
    /// The linear map.
    pub linear: LinearMap,
    /// Room for modules and generated code that must be within reach of the kernel's text. It moves with the kernel. Empty where the policy wants none,
    /// and where the kernel is in the linear map.
    pub near: VirtRange,
    /// Room for what the kernel maps as it runs.
    pub dynamic: VirtRange,
    /// An address above the linear map and not above anything of the kernel's own.
    pub border: VirtAddr,
    /// The stacks.
    pub stacks: Stacks,
    /// Where the device tree is.
    pub tree: TreePlace,
    /// The memory that the landing takes: tables, then stacks, then the tree if copied.
    pub block: Range,
    /// Pages of tables, the root first.
    pub table_pages: u64,
    /// Leaves that map the linear map.
    pub linear_leaves: LeafCount,
    /// Leaves that map what is outside of it: stacks, and the image where it has a region of its own.
    pub kernel_leaves: LeafCount,
    /// Whether addresses are random, and why not.
    pub kaslr: KaslrState,
}

impl Plan {
    /// Version of the function from facts, policy and draws to a plan: tools that predict must have the same.
    pub const VERSION: u32 = 2;

    /// Decides everything.
    ///
    /// # Errors
    /// The [`Refusal`] says which rule is broken: 7 to 10, 13, 14, 18, 19.
    pub fn new(facts: &Facts, policy: &Policy, mode: Mode, draws: Option<&Draws>) -> Result<Self, Refusal> {
        check_image_place(facts)?;
        let kaslr = kaslr_state(facts, policy, draws);
        let draws = draws.filter(|_| matches!(kaslr, KaslrState::Random(_)));
        let format = leaf_format(facts, policy, mode);
        let stacks =
            Stacks::new(policy.stack_size, landing_harts(facts, policy, mode).count() as u64, format);
        let window = window_size(facts, policy, mode, &stacks);
        let arranged = Arrangement::new(facts, policy, mode, window, draws)?;
        let grain = if policy.kernel_pin(mode).is_some() { PLACE_GRAIN } else { window.grain };
        let packing = Packing::new(
            &facts.image,
            policy.placement,
            (mode, format, arranged.offset),
            (arranged.kernel, grain, stacks),
        );
        let physical = PhysicalPlace::choose(facts, policy, arranged.reach, draws, &packing);
        let image = ImageFacts { base: physical.base(), ..facts.image };
        let linear = LinearMap {
            reach: arranged.reach,
            span: arranged.extent.span,
            size: arranged.extent.size,
            image: LinearMap::image_parts(policy, &image),
            offset: arranged.offset,
            places: arranged.linear_places,
        };
        if !linear.mapped(facts).any(|range| range.contains(image.range())) {
            return Err(Refusal::OutOfReach { mode, image: image.range(), reach: linear.reach });
        }
        let mut plan = Self {
            mode,
            format,
            placement: policy.placement,
            image: ImagePlace { facts: image, virt: VirtAddr::new(0), places: arranged.kernel_places },
            physical,
            near: VirtRange { start: arranged.kernel, size: 0 },
            dynamic: arranged.dynamic,
            border: arranged.border,
            stacks,
            tree: TreePlace::Kept,
            block: Range::EMPTY,
            table_pages: 0,
            linear_leaves: LeafCount::NONE,
            kernel_leaves: LeafCount::NONE,
            kaslr,
            linear,
        };
        plan.place_kernel(policy, &arranged, grain);
        plan.count_tables(facts)?;
        plan.take_block(facts)?;
        Ok(plan)
    }

    fn place_kernel(&mut self, policy: &Policy, arranged: &Arrangement, grain: u64) {
        let image = self.image.facts;
        match policy.placement {
            Placement::OwnRegion => {
                self.image.virt = arranged.kernel.add(image.base.get() & (grain - 1));
                self.stacks.virt = self.image.virt.add(image.size());
                if policy.near_size != 0 {
                    let below = (GUARD + policy.near_size).wrapping_neg();
                    self.near = VirtRange {
                        start: self.image.virt.align_down(PLACE_GRAIN).add(below),
                        size: policy.near_size,
                    };
                }
            }
            Placement::LinearMap => {
                self.image.virt = self.linear.virt(image.base);
                self.image.places = self.linear.places;
                self.stacks.virt = arranged.kernel;
            }
        }
    }

    /// All mappings, in ascending order.
    pub fn mappings(&self, facts: &Facts) -> impl Iterator<Item = Mapping> {
        self.linear.mappings(facts).chain(self.kernel_mappings())
    }

    /// The mappings outside the linear map, in ascending order: the image, where it has a region of its own, and the stacks.
    pub fn kernel_mappings(&self) -> impl Iterator<Item = Mapping> {
        let image = self.image.facts;
        let own = match self.placement {
            Placement::OwnRegion => [
                (image.text_range(), Access::ReadExecute),
                (image.constants_range(), Access::ReadOnly),
                (image.data_range(), Access::ReadWrite),
            ],
            Placement::LinearMap => [(Range::EMPTY, Access::ReadOnly); 3],
        };
        let virt = move |phys: PhysAddr| self.image.virt.add(phys.since(image.base));
        let parts = own.into_iter().filter(|(range, _)| !range.is_empty()).map(move |(range, access)| {
            Mapping { virt: virt(range.start()), phys: range.start(), size: range.size(), access }
        });
        parts.chain(self.stacks.mappings())
    }

    /// What is free once the kernel runs: what only the landing used of the image is, and the place that the image has left.
    #[must_use]
    pub fn free_memory<'a>(&self, facts: &'a Facts) -> Stretches<'a> {
        let image = self.image.facts;
        Stretches::free(facts, self.linear.reach.end(), [image.read_only(), image.data_range(), self.block])
    }

    /// What to add to a physical address of the image to get the virtual one, modulo 2^64: a multiple of 2 MiB.
    #[must_use]
    pub const fn image_offset(&self) -> u64 {
        self.image.virt.get().wrapping_sub(self.image.facts.base.get())
    }

    /// The kernel's window: near region, guard, image and stacks. Only the stacks, where the image is in the linear map.
    #[must_use]
    pub fn window(&self) -> VirtRange {
        let start = match (self.placement, self.near.size) {
            (Placement::LinearMap, _) => self.stacks.virt,
            (Placement::OwnRegion, 0) => self.image.virt,
            (Placement::OwnRegion, _) => self.near.start,
        };
        VirtRange { start, size: self.stacks.top(self.stacks.count - 1).since(start) }
    }

    fn count_tables(&mut self, facts: &Facts) -> Result<(), Refusal> {
        let mut mapper = Mapper::new(self.mode, self.format, Counting, PhysAddr::new(0), u64::MAX)?;
        let mut size = 0;
        self.linear.mappings(facts).try_for_each(|mapping| {
            size += mapping.size;
            mapper.map(mapping)
        })?;
        self.linear.size = size;
        self.linear_leaves = *mapper.leaves();
        self.kernel_mappings().try_for_each(|mapping| mapper.map(mapping))?;
        let tables = mapper.finish();
        self.kernel_leaves = tables.leaves.since(&self.linear_leaves);
        self.table_pages = tables.pages;
        Ok(())
    }

    /// Finds memory for tables, stacks and, where it must move, the tree.
    fn take_block(&mut self, facts: &Facts) -> Result<(), Refusal> {
        let tables = self.table_pages * PAGE_SIZE;
        let stacks = self.stacks.count * self.stacks.physical_stride();
        let keeps_tree = self.linear.mapped(facts).any(|range| range.contains(facts.tree.pages_touched()));
        let tree = if keeps_tree { 0 } else { facts.tree.size().next_multiple_of(PAGE_SIZE) };
        let wanted = tables + stacks + tree;
        let image = self.image.facts.range();
        let free = Stretches::usable(facts, self.linear.reach.end(), [image, Range::EMPTY, Range::EMPTY]);
        // The stacks lie at their alignment, so the tables before them begin somewhat later.
        let aligned = |free: Range| {
            let stacks =
                free.start().add(tables + self.stacks.alignment - 1).align_down(self.stacks.alignment);
            Range::between(stacks.add(tables.wrapping_neg()), free.end())
        };
        let fits = |free: &Range| free.size() >= wanted;
        let place = free.clone().map(aligned).find(fits).or_else(|| free.clone().find(fits));
        let Some(place) = place else {
            let largest = free.map(Range::size).max().unwrap_or(0);
            return Err(Refusal::TooLittleMemory { wanted, largest });
        };
        self.block = Range::new(place.start(), wanted);
        self.stacks.phys = self.block.start().add(tables);
        if !keeps_tree {
            self.tree = TreePlace::Copied(self.stacks.phys.add(stacks));
        }
        Ok(())
    }
}

/// Rules 8 to 10.
fn check_image_place(facts: &Facts) -> Result<(), Refusal> {
    let image = facts.image.range();
    if facts.ram.is_empty() {
        return Err(Refusal::NoMemory);
    }
    if !facts.ram.contains(image) {
        let ram = facts.ram.iter().find(|ram| ram.overlaps(Range::new(image.start(), 1)));
        return Err(Refusal::ImageOutsideRam { image, ram });
    }
    let initrd = facts.initrd.map(|initrd| initrd.intersection(image)).filter(|common| !common.is_empty());
    let common = facts.no_map.first_overlap(image).or_else(|| facts.reserved.first_overlap(image)).or(initrd);
    common.map_or(Ok(()), |common| Err(Refusal::ImageOverReserved { image, common }))
}

/// Which harts land besides the one that boots, and that one first: those that the tree says can follow it, as many as the policy allows.
fn landing_harts<'a>(
    facts: &'a Facts,
    policy: &Policy,
    mode: Mode,
) -> impl Iterator<Item = Option<&'a Hart>> {
    let others = match policy.starting {
        Starting::AllHarts => usize::try_from(policy.max_harts.saturating_sub(1)).unwrap_or(usize::MAX),
        Starting::BootHart => 0,
    };
    let follows = move |hart: &&Hart| hart.id != facts.boot_hart && hart.reaches(mode);
    let others = facts.harts.as_slice().iter().filter(follows).take(others).map(Some);
    core::iter::once(facts.harts.find(facts.boot_hart)).chain(others)
}

/// Leaves of 64 KiB need Svnapot on every hart that lands, for they share the tables.
fn leaf_format(facts: &Facts, policy: &Policy, mode: Mode) -> LeafFormat {
    let has_svnapot = |hart: Option<&Hart>| hart.is_some_and(|hart| hart.svnapot == Svnapot::Present);
    match facts.memory_types {
        MemoryTypes::Thead => LeafFormat::Thead,
        MemoryTypes::Standard if landing_harts(facts, policy, mode).all(has_svnapot) => LeafFormat::Napot,
        MemoryTypes::Standard => LeafFormat::Plain,
    }
}

fn kaslr_state(facts: &Facts, policy: &Policy, draws: Option<&Draws>) -> KaslrState {
    match (policy.kaslr, draws) {
        (Kaslr::Disabled, _) => KaslrState::ForbiddenByPolicy,
        _ if facts.options.nokaslr => KaslrState::ForbiddenByCommandLine,
        (_, None) => KaslrState::NoSeed,
        (_, Some(draws)) => KaslrState::Random(draws.source),
    }
}

/// The room that the kernel takes beside its place.
fn window_size(facts: &Facts, policy: &Policy, mode: Mode, stacks: &Stacks) -> WindowSize {
    let ImageFacts { text, constants, data, .. } = facts.image;
    let round_up = |size: u64, grain: u64| (size + grain - 1) & !(grain - 1);
    match policy.placement {
        Placement::OwnRegion => {
            let grain = match policy.kernel_pin(mode) {
                Some(_) => PLACE_GRAIN,
                None => kernel_grain(text.max(constants).max(data)),
            };
            // The image may begin anywhere within the grain, so it takes up to that much more than its size.
            let above = round_up(facts.image.size() + stacks.virtual_size() + grain, PLACE_GRAIN);
            WindowSize { below: round_up(policy.room_below_kernel(), grain), above, grain }
        }
        Placement::LinearMap => {
            let above = round_up(stacks.virtual_size() + PAGE_SIZE, PLACE_GRAIN);
            WindowSize { below: 0, above, grain: PLACE_GRAIN }
        }
    }
}
