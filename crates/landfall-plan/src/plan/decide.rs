//! Deciding: from facts, policy and draws to a plan.

use core::mem::MaybeUninit;

use landfall_paging::{LeafCount, LeafFormat, Mode, PAGE_SIZE, PhysRange, TableCount, VirtAddr, VirtRange};

use super::block::BlockShape;
use super::{ImagePlace, PlaceCounts, Plan, TreePlace};
use crate::arrange::{Arrangement, Footprint, kernel_grain};
use crate::extensions::Extension;
use crate::facts::{Facts, ImageFacts};
use crate::harts::Hart;
use crate::layout::{GUARD, PLACE_GRAIN};
use crate::linear::LinearMap;
use crate::pack::{Fixed, Packing};
use crate::physical::{AsLoaded, ByPolicy, PhysicalPlace, Placing, StayReason};
use crate::policy::{Kaslr, PhysicalPlacement, Placement, Policy, TablePlacement};
use crate::ram_ranges::Taken;
use crate::randomness::{Draws, KaslrState, PlaceCount, Seed};
use crate::refusal::{MissingFeature, Refusal};
use crate::roles::{Role, hart_roles};
use crate::stacks::Stacks;

/// The choices that do not depend on the image's place in physical memory.
#[derive(Clone, Copy)]
struct Basis {
    mode: Mode,
    format: LeafFormat,
    kaslr: KaslrState,
    seed: Option<Seed>,
    /// The grain of the kernel's place.
    grain: u64,
    stacks: Stacks,
    /// Chooses the place of tables and stacks in memory.
    random: Option<u64>,
}

impl Plan {
    /// Decides everything.
    ///
    /// # Errors
    /// The [`Refusal`] says which rule is broken: 7 to 10, 13, 14, 18, 19.
    pub fn new(facts: &Facts, policy: &Policy, mode: Mode, draws: Option<&Draws>) -> Result<Self, Refusal> {
        Self::write(&mut MaybeUninit::uninit(), facts, policy, mode, draws).copied()
    }

    /// Decides everything for a kernel that cannot be moved in physical memory. It links no code
    /// that looks for another place.
    ///
    /// # Errors
    /// As [`Plan::new`], and rule 27 where the policy asks for a move.
    pub fn in_place(
        facts: &Facts,
        policy: &Policy,
        mode: Mode,
        draws: Option<&Draws>,
    ) -> Result<Self, Refusal> {
        Self::write_in_place(&mut MaybeUninit::uninit(), facts, policy, mode, draws).copied()
    }

    /// Writes the result of [`Plan::new`] to `place`: a plan is large to move.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn write<'p>(
        place: &'p mut MaybeUninit<Self>,
        facts: &Facts,
        policy: &Policy,
        mode: Mode,
        draws: Option<&Draws>,
    ) -> Result<&'p mut Self, Refusal> {
        Self::decide::<ByPolicy>(place, facts, policy, mode, draws)
    }

    /// Writes the result of [`Plan::in_place`] to `place`.
    ///
    /// # Errors
    /// As [`Plan::in_place`].
    pub fn write_in_place<'p>(
        place: &'p mut MaybeUninit<Self>,
        facts: &Facts,
        policy: &Policy,
        mode: Mode,
        draws: Option<&Draws>,
    ) -> Result<&'p mut Self, Refusal> {
        match policy.physical {
            PhysicalPlacement::Stay => Self::decide::<AsLoaded>(place, facts, policy, mode, draws),
            PhysicalPlacement::Pack | PhysicalPlacement::Random => {
                Err(Refusal::CompiledOut(MissingFeature::Relocate))
            }
        }
    }

    fn decide<'p, P: Placing>(
        place: &'p mut MaybeUninit<Self>,
        facts: &Facts,
        policy: &Policy,
        mode: Mode,
        draws: Option<&Draws>,
    ) -> Result<&'p mut Self, Refusal> {
        check_image_place(facts)?;
        let kaslr = kaslr_state(facts, policy, draws);
        let seed = draws.map(|draws| draws.seed);
        let draws = draws.filter(|_| matches!(kaslr, KaslrState::Random(_)));
        let format = leaf_format(facts, policy, mode);
        let mut stacks =
            Stacks::new(policy.stack_size, 1 + followers(facts, policy, mode).count() as u64, format);
        let footprint = footprint(facts, policy, mode, &stacks);
        let arranged = Arrangement::new(facts, policy, mode, footprint, draws)?;
        stacks.virt = arranged.stacks.start;
        let grain = footprint.grain;
        let packing = || {
            let (offset, kernel) = (arranged.map.offset, arranged.kernel.start);
            Packing::new(facts, policy, Fixed { mode, format, offset, kernel, grain, stacks })
        };
        let physical = P::place(facts, policy, arranged.map.reach, draws, packing);
        let is_random = policy.tables == TablePlacement::Random;
        let random = draws.filter(|_| is_random).map(|draws| draws.tables);
        let basis = Basis { mode, format, kaslr, seed, grain, stacks, random };
        let plan = place.write(Self::at(facts, policy, &basis, &arranged, physical));
        let completed = plan.complete(facts, policy, &basis, &arranged);
        // If memory is that scarce, a kernel that stays may have more of it.
        if matches!(completed, Err(Refusal::TooLittleMemory { .. })) && physical.base() != facts.loaded {
            let physical = physical.staying(StayReason::NoMemoryBeside);
            *plan = Self::at(facts, policy, &basis, &arranged, physical);
            plan.complete(facts, policy, &basis, &arranged)?;
        } else {
            completed?;
        }
        Ok(plan)
    }

    /// Begins the plan for an image at this place.
    fn at(
        facts: &Facts,
        policy: &Policy,
        basis: &Basis,
        arranged: &Arrangement,
        physical: PhysicalPlace,
    ) -> Self {
        let Basis { mode, format, kaslr, seed, stacks, .. } = *basis;
        let image = facts.image.at(physical.base());
        let linear = LinearMap {
            reach: arranged.map.reach,
            span: arranged.map.extent.span,
            size: 0,
            image: LinearMap::image_parts(policy, &image),
            offset: arranged.map.offset,
            places: arranged.map.places,
        };
        Self {
            mode,
            format,
            placement: policy.placement,
            image: ImagePlace { phys: image, virt: VirtAddr::new(0), places: arranged.kernel.count },
            physical,
            near: VirtRange::new(arranged.kernel.start, 0),
            dynamic: arranged.dynamic,
            border: arranged.border,
            stacks,
            tree: TreePlace::Kept,
            block: PhysRange::EMPTY,
            table_pages: 0,
            places: PlaceCounts {
                near: arranged.near.map_or(PlaceCount::new(1), |near| near.count),
                dynamic: arranged.dynamic_places,
                stacks: arranged.stacks.count,
                tables: PlaceCount::new(1),
            },
            linear_leaves: LeafCount::NONE,
            kernel_leaves: LeafCount::NONE,
            kaslr,
            seed,
            linear,
        }
    }

    /// Decides the rest.
    fn complete(
        &mut self,
        facts: &Facts,
        policy: &Policy,
        basis: &Basis,
        arranged: &Arrangement,
    ) -> Result<(), Refusal> {
        let image = self.image.phys.all();
        if !self.linear.holds(facts, image) {
            return Err(Refusal::OutOfReach { mode: self.mode, image, reach: self.linear.reach });
        }
        self.place_kernel(policy, arranged, basis.grain);
        self.count_tables(facts)?;
        self.take_block(facts, basis.random)?;
        if !self.stacks.phys.is_aligned(self.stacks.alignment) {
            // The stacks' memory was counted as if it lay where large leaves fit. The tables are as
            // many.
            self.count_tables(facts)?;
        }
        Ok(())
    }

    fn place_kernel(&mut self, policy: &Policy, arranged: &Arrangement, grain: u64) {
        let image = self.image.phys;
        match policy.placement {
            Placement::OwnRegion => {
                self.image.virt = arranged.kernel.start.wrapping_add(image.base.get() & (grain - 1));
                if policy.near_size != 0 {
                    let below = (GUARD + policy.near_size).wrapping_neg();
                    let beside = self.image.virt.align_down(PLACE_GRAIN).wrapping_add(below);
                    let start = arranged.near.map_or(beside, |near| near.start);
                    self.near = VirtRange::new(start, policy.near_size);
                }
            }
            Placement::LinearMap => {
                self.image.virt = self.linear.virt(image.base);
                self.image.places = self.linear.places;
            }
        }
    }

    fn count_tables(&mut self, facts: &Facts) -> Result<(), Refusal> {
        let mut tables = TableCount::new(self.mode, self.format);
        let mut size = 0;
        for mapping in self.linear.mappings(facts) {
            size += mapping.size;
            tables.add(mapping)?;
        }
        self.linear.size = size;
        self.linear_leaves = *tables.leaves();
        self.kernel_mappings().try_for_each(|mapping| tables.add(mapping))?;
        self.kernel_leaves = tables.leaves().since(&self.linear_leaves);
        self.table_pages = tables.pages();
        Ok(())
    }

    /// Finds memory for tables, stacks and, where it must move, the tree.
    fn take_block(&mut self, facts: &Facts, random: Option<u64>) -> Result<(), Refusal> {
        let tables = self.table_pages * PAGE_SIZE;
        let stacks = self.stacks.count * self.stacks.physical_stride();
        let keeps_tree = self.linear.holds(facts, facts.tree.pages_touched());
        let tree = if keeps_tree {
            0
        } else {
            facts.tree.size().checked_next_multiple_of(PAGE_SIZE).unwrap_or(u64::MAX)
        };
        let wanted = (tables + stacks).saturating_add(tree);
        let image = self.image.phys.all();
        let taken = Taken::new(facts, [image, PhysRange::EMPTY, PhysRange::EMPTY]);
        let free = taken.usable(facts, self.linear.reach.end());
        let shape = BlockShape { size: wanted, tables, alignment: self.stacks.alignment };
        let Some((block, places)) = shape.choose(&free, random) else {
            let largest = free.map(PhysRange::size).max().unwrap_or(0);
            return Err(Refusal::TooLittleMemory { wanted, largest });
        };
        (self.block, self.places.tables) = (block, places);
        self.stacks.phys = self.block.start().wrapping_add(tables);
        if !keeps_tree {
            self.tree = TreePlace::Copied(self.stacks.phys.wrapping_add(stacks));
        }
        Ok(())
    }
}

/// Rules 8 to 10.
fn check_image_place(facts: &Facts) -> Result<(), Refusal> {
    let image = facts.loaded_image().all();
    if facts.ram.is_empty() {
        return Err(Refusal::NoMemory);
    }
    // Nothing is larger than physical memory, so no sum of the image's sizes overflows from here
    // on.
    if !facts.ram.contains(image) || image.size() >= 1 << 56 {
        let ram = facts.ram.iter().find(|ram| ram.overlaps(PhysRange::new(image.start(), 1)));
        return Err(Refusal::ImageOutsideRam { image, ram });
    }
    let initrd = facts.initrd.map(|initrd| initrd.intersection(image)).filter(|common| !common.is_empty());
    let common = facts.no_map.first_overlap(image).or_else(|| facts.reserved.first_overlap(image)).or(initrd);
    common.map_or(Ok(()), |common| Err(Refusal::ImageOverReserved { image, common }))
}

/// The harts that follow the one that boots.
fn followers<'a>(facts: &'a Facts, policy: &Policy, mode: Mode) -> impl Iterator<Item = Hart> + 'a {
    hart_roles(facts, policy, mode).filter(|(_, role)| *role == Role::Follows).map(|(hart, _)| hart)
}

/// Leaves of 64 KiB need Svnapot on every hart that lands, for they share the tables.
fn leaf_format(facts: &Facts, policy: &Policy, mode: Mode) -> LeafFormat {
    let has_svnapot = |hart: Hart| hart.extensions.contains(Extension::Svnapot);
    let boot_hart = facts.harts.find(facts.boot_hart);
    match facts.memory_types.leaf_format() {
        LeafFormat::Plain
            if boot_hart.is_some_and(has_svnapot) && followers(facts, policy, mode).all(has_svnapot) =>
        {
            LeafFormat::Napot
        }
        format => format,
    }
}

fn kaslr_state(facts: &Facts, policy: &Policy, draws: Option<&Draws>) -> KaslrState {
    match (policy.kaslr, draws) {
        (Kaslr::Disabled, _) => KaslrState::ForbiddenByPolicy,
        _ if facts.options.nokaslr => KaslrState::ForbiddenByCommandLine,
        (_, None) => KaslrState::NoSeed,
        (_, Some(draws)) => KaslrState::Random(draws.seed),
    }
}

/// Returns the footprint of the kernel.
fn footprint(facts: &Facts, policy: &Policy, mode: Mode, stacks: &Stacks) -> Footprint {
    let ImageFacts { text, constants, data, .. } = facts.image;
    let round_up = |size: u64, grain: u64| (size + grain - 1) & !(grain - 1);
    let stacks = round_up(stacks.virtual_size(), PLACE_GRAIN);
    match policy.placement {
        Placement::OwnRegion => {
            let grain = match policy.kernel_pin(mode) {
                Some(_) => PLACE_GRAIN,
                None => kernel_grain(text.max(constants).max(data)),
            };
            // The image may begin anywhere within the grain, so it takes up to that much more than
            // its size.
            let image = round_up(facts.image.size() + grain, PLACE_GRAIN);
            Footprint { below: round_up(policy.room_below_kernel(), grain), image, stacks, grain }
        }
        Placement::LinearMap => Footprint { below: 0, image: 0, stacks, grain: PLACE_GRAIN },
    }
}
