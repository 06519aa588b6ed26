//! The plan: every place, every mapping, and the reasons.

use landfall_paging::{Access, Counting, LeafCount, Mapper, Mapping, Mode, PAGE_SIZE, PhysAddr, VirtAddr};

use crate::facts::{Facts, ImageFacts};
use crate::layout::{GUARD, Layout, NEAR_REGION, PLACE_GRAIN, VirtRange};
use crate::linear::LinearMap;
use crate::memory::Stretches;
use crate::policy::{Kaslr, Policy, Starting};
use crate::randomness::{Draws, KaslrState, Whole};
use crate::range::Range;
use crate::refusal::Refusal;

/// Where the kernel is when no randomness moves it: its link address, so that a debugger needs no offset.
const FIXED_PLACE: VirtAddr = VirtAddr::new(0xffff_ffff_8000_0000);

/// The kernel's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImagePlace {
    /// Its first physical byte and its parts.
    pub facts: ImageFacts,
    /// Its first virtual address: congruent to the physical one modulo 2 MiB.
    pub virt: VirtAddr,
    /// At how many places it could lie.
    pub places: Whole,
}

/// The stacks, one a hart, each with an unmapped page below. Only the stacks themselves take memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stacks {
    /// The first stack's guard page.
    pub virt: VirtAddr,
    /// The first stack's memory; the others follow.
    pub phys: PhysAddr,
    /// Bytes of each.
    pub size: u64,
    /// How many.
    pub count: u64,
}

impl Stacks {
    /// The lowest address of stack `index`.
    #[must_use]
    pub const fn bottom(&self, index: u64) -> VirtAddr {
        self.virt.add(PAGE_SIZE + index * (self.size + PAGE_SIZE))
    }

    /// The address behind stack `index`, where its use begins.
    #[must_use]
    pub const fn top(&self, index: u64) -> VirtAddr {
        self.bottom(index).add(self.size)
    }

    const fn virtual_size(&self) -> u64 {
        self.count * (self.size + PAGE_SIZE)
    }

    fn mappings(self) -> impl Iterator<Item = Mapping> {
        (0..self.count).map(move |index| Mapping {
            virt: self.bottom(index),
            phys: self.phys.add(index * self.size),
            size: self.size,
            access: Access::ReadWrite,
        })
    }
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
    /// The kernel's place.
    pub image: ImagePlace,
    /// The linear map.
    pub linear: LinearMap,
    /// Room for modules and generated code that must be within reach of the kernel's text. It moves with the kernel.
    pub near: VirtRange,
    /// Room for what the kernel maps as it runs.
    pub dynamic: VirtRange,
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
    /// Leaves that map image and stacks.
    pub kernel_leaves: LeafCount,
    /// Whether addresses are random, and why not.
    pub kaslr: KaslrState,
}

impl Plan {
    /// Version of the function from facts, policy and draws to a plan: tools that predict must have the same.
    pub const VERSION: u32 = 1;

    /// Decides everything.
    ///
    /// # Errors
    /// The [`Refusal`] says which rule is broken: 7 to 10, 13, 14, 18.
    pub fn new(facts: &Facts, policy: &Policy, mode: Mode, draws: Option<&Draws>) -> Result<Self, Refusal> {
        check_image_place(facts)?;
        let kaslr = kaslr_state(facts, policy, draws);
        let draws = draws.filter(|_| matches!(kaslr, KaslrState::Random(_)));
        let linear = LinearMap::new(facts, mode, draws)?;
        let count = landing_harts(facts, policy, mode);
        let stacks = Stacks { size: policy.stack_size, count, ..Stacks::default() };
        let image = place_image(facts, mode, &stacks, draws);
        let mut plan = Self {
            mode,
            image,
            near: VirtRange {
                start: image.virt.align_down(PLACE_GRAIN).add((GUARD + NEAR_REGION).wrapping_neg()),
                size: NEAR_REGION,
            },
            dynamic: VirtRange::default(),
            stacks: Stacks { virt: image.virt.add(facts.image.size()), ..stacks },
            tree: TreePlace::Kept,
            block: Range::EMPTY,
            table_pages: 0,
            linear_leaves: LeafCount::NONE,
            kernel_leaves: LeafCount::NONE,
            kaslr,
            linear,
        };
        plan.dynamic = plan.larger_gap();
        plan.count_tables(facts)?;
        plan.take_block(facts)?;
        Ok(plan)
    }

    /// All mappings, in ascending order.
    pub fn mappings(&self, facts: &Facts) -> impl Iterator<Item = Mapping> {
        self.linear.mappings(facts).chain(self.kernel_mappings())
    }

    /// The mappings of image and stacks, in ascending order.
    pub fn kernel_mappings(&self) -> impl Iterator<Item = Mapping> {
        let image = self.image.facts;
        let parts = [
            (Range::new(image.base, image.text), Access::ReadExecute),
            (Range::new(image.base.add(image.text), image.constants), Access::ReadOnly),
            (image.data_range(), Access::ReadWrite),
        ];
        let virt = move |phys: PhysAddr| self.image.virt.add(phys.since(image.base));
        let parts = parts.into_iter().filter(|(range, _)| !range.is_empty()).map(move |(range, access)| {
            Mapping { virt: virt(range.start()), phys: range.start(), size: range.size(), access }
        });
        parts.chain(self.stacks.mappings())
    }

    /// What is free once the kernel runs.
    #[must_use]
    pub fn free_memory<'a>(&self, facts: &'a Facts) -> Stretches<'a> {
        Stretches::free(facts, self.linear.reach.end(), Some(self.block))
    }

    /// What to add to a physical address of the image to get the virtual one, modulo 2^64: a multiple of 2 MiB.
    #[must_use]
    pub const fn image_offset(&self) -> u64 {
        self.image.virt.get().wrapping_sub(self.image.facts.base.get())
    }

    /// The kernel's window: near region, guard, image and stacks.
    #[must_use]
    pub const fn window(&self) -> VirtRange {
        let end = self.stacks.virt.add(self.stacks.virtual_size());
        VirtRange { start: self.near.start, size: end.since(self.near.start) }
    }

    fn larger_gap(&self) -> VirtRange {
        let (zone, window) = (Layout::of(self.mode).kernel_zone, self.window());
        let below_start = zone.start.add(GUARD);
        let below = window.start.since(below_start).saturating_sub(GUARD);
        let above_start = VirtAddr::new(window.end().get().next_multiple_of(PLACE_GRAIN)).add(GUARD);
        let above = zone.end().since(above_start).saturating_sub(GUARD);
        if below >= above {
            VirtRange { start: below_start, size: below }
        } else {
            VirtRange { start: above_start, size: above }
        }
    }

    fn count_tables(&mut self, facts: &Facts) -> Result<(), Refusal> {
        let mut mapper =
            Mapper::new(self.mode, landfall_paging::LeafFormat::Plain, Counting, PhysAddr::new(0), u64::MAX)?;
        self.linear.mappings(facts).try_for_each(|mapping| mapper.map(mapping))?;
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
        let stacks = self.stacks.count * self.stacks.size;
        let keeps_tree = self.linear.mapped(facts).any(|range| range.contains(facts.tree.pages_touched()));
        let tree = if keeps_tree { 0 } else { facts.tree.size().next_multiple_of(PAGE_SIZE) };
        let wanted = tables + stacks + tree;
        // Not page 0, where RAM may begin: a pointer to it is null, and code that dereferences null is no Rust.
        let page_0 = PhysAddr::new(PAGE_SIZE);
        let free = Stretches::free(facts, self.linear.reach.end(), None);
        let free = free.map(|free| Range::between(free.start().max(page_0), free.end()));
        let Some(place) = free.clone().find(|free| free.size() >= wanted) else {
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

/// How many harts land: the boot hart, and those that the tree says can follow it.
fn landing_harts(facts: &Facts, policy: &Policy, mode: Mode) -> u64 {
    let others =
        facts.harts.as_slice().iter().filter(|hart| hart.id != facts.boot_hart && hart.reaches(mode));
    match policy.starting {
        Starting::AllHarts => 1 + others.count() as u64,
        Starting::BootHart => 1,
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

fn place_image(facts: &Facts, mode: Mode, stacks: &Stacks, draws: Option<&Draws>) -> ImagePlace {
    let places = Layout::of(mode).kernel_places(facts.image.size() + stacks.virtual_size());
    let count = Whole::new(places.size / PLACE_GRAIN);
    let place = match draws {
        Some(draws) => places.start.add(count.choose(draws.kernel) * PLACE_GRAIN),
        None => FIXED_PLACE,
    };
    let within = facts.image.base.get() & (PLACE_GRAIN - 1);
    ImagePlace { facts: facts.image, virt: place.add(within), places: count }
}
