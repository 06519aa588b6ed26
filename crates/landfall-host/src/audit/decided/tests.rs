//! Kernels in memory, made without a machine, beside the planner's own mappings.

use landfall_audit::{Phys, Span};
use landfall_image::landing_index::{Field, LandingIndex, RANGES};
use landfall_paging::{LeafFormat, Mode, PhysAddr, PhysRange, VirtAddr, VirtRange};
use landfall_plan::facts::{ImageFacts, MemoryTypes};
use landfall_plan::harts::{Extension, Extensions, Hart, Mmu};
use landfall_plan::memory::PhysRangeSet;
use landfall_plan::policy::{Alias, Modes, Placement};
use landfall_plan::randomness::{Seed, SeedSource};
use landfall_plan::{Draws, Facts, Plan, Policy};
use landfall_predict::leaves;
use landfall_predict::sample::{PARTS, sealed};
use proptest::prelude::*;

use super::*;

const BASE: u64 = 0x8020_0000;
/// The place of the index in the image's file.
const INDEX: usize = 0x17000 + 0x108;

/// A kernel that has landed.
#[derive(Clone, Debug)]
struct Landed {
    facts: Facts,
    policy: Policy,
    plan: Plan,
}

impl Landed {
    fn new(mode: Mode, placement: Placement, alias: Alias, facts: Facts, random: u64) -> Self {
        let window = VirtRange::new(VirtAddr::new(0xffff_fff0_0000_0000), 16 << 30);
        let mut policy = Policy::new().with_placement(placement).with_near_size(64 << 20);
        if mode == Mode::Sv39 {
            policy = policy.with_window(Modes::All, window);
        }
        if placement == Placement::OwnRegion {
            policy = policy.with_alias(alias);
        } else {
            policy = policy.with_near_size(0);
        }
        let mut draws = Draws::lowest(Seed { source: SeedSource::RNG_SEED, bits: 64 });
        let [linear, kernel, stacks] = [7, 19, 40].map(|shift| random.rotate_left(shift));
        (draws.linear_map, draws.kernel, draws.stacks, draws.near) = (linear, kernel, stacks, random);
        let plan = Plan::new(&facts, &policy, mode, Some(&draws)).expect("a plan");
        Self { facts, policy, plan }
    }

    fn image(&self) -> Vec<u8> {
        let mut image = sealed(&self.policy);
        let mut at = LandingIndex::SIZE.next_multiple_of(16);
        let values = Field::ALL.map(|field| (field, self.value(field)));
        let offsets = values.each_ref().map(|(_, value)| {
            let offset = at as u64;
            at += value.len().next_multiple_of(8);
            offset
        });
        let mut put = |at: usize, bytes: &[u8]| image[INDEX + at..][..bytes.len()].copy_from_slice(bytes);
        put(0, &LandingIndex::new(offsets).to_bytes());
        for ((field, value), offset) in values.iter().zip(offsets) {
            assert_eq!(value.len(), field.size());
            put(usize::try_from(offset).expect("a small number"), value);
        }
        image
    }

    fn value(&self, field: Field) -> Vec<u8> {
        let Self { facts, plan, .. } = self;
        let words = |words: &[u64]| words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let set = |set: &PhysRangeSet| {
            let mut all: Vec<_> = set.iter().flat_map(|range| [range.start().get(), range.size()]).collect();
            all.resize(2 * RANGES, 0x5a);
            all.push(set.iter().count() as u64);
            words(&all)
        };
        let range = |range: VirtRange| words(&[range.start().get(), range.size()]);
        match field {
            Field::Satp => {
                let mode = 5 + plan.mode.levels() as u64;
                words(&[mode << 60 | plan.tables().start().get() >> 12])
            }
            Field::Ram => set(&facts.ram),
            Field::NoMap => set(&facts.no_map),
            Field::LeafFormat => vec![plan.format as u8],
            Field::ImagePhysical => words(&[plan.image.phys.base.get()]),
            Field::ImageVirtual => words(&[plan.image.virt.get()]),
            Field::LinearOffset => words(&[plan.linear.offset]),
            Field::LinearReach => words(&[plan.linear.reach.start().get(), plan.linear.reach.size()]),
            Field::Near => range(plan.near),
            Field::Dynamic => range(plan.dynamic),
            Field::Stacks => {
                let landfall_plan::plan::Stacks { virt, phys, size, count, alignment } = plan.stacks;
                words(&[virt.get(), phys.get(), size, count, alignment])
            }
        }
    }

    /// The mappings by the planner.
    fn right(&self) -> Vec<(u64, u64, u64, &'static str, &'static str)> {
        let runs = self.plan.mappings(&self.facts);
        let runs = runs.flat_map(|mapping| leaves::runs(self.plan.mode, self.plan.format, mapping));
        let entry = |run: leaves::Run| {
            let mapping = run.mapping;
            (mapping.virt.get(), mapping.phys.get(), mapping.size, mapping.access.name(), run.leaf.name())
        };
        let mut all: Vec<_> = runs.map(entry).collect();
        all.sort_unstable();
        all
    }
}

/// Reads memory that has nothing but an image.
fn decided(image: &[u8]) -> Result<Decided, NoDecisions> {
    let mut read = |span: Span<Phys>| {
        let at = usize::try_from(span.start.0.checked_sub(BASE)?).ok()?;
        image.get(at..)?.get(..usize::try_from(span.size).ok()?).map(<[u8]>::to_vec)
    };
    Decided::at(&[Phys(BASE - 0x1000), Phys(BASE)], &mut read)
}

fn range(start: u64, size: u64) -> PhysRange {
    PhysRange::new(PhysAddr::new(start), size)
}

fn facts(holes: &[(u64, u64)], harts: u64, types: MemoryTypes) -> Facts {
    let mut facts = Facts::UNKNOWN;
    for ram in [range(0x8000_0000, 0x1234_5000), range(0x1_0000_0000, 3 << 30)] {
        facts.ram.insert(ram).expect("room");
    }
    facts.no_map.insert(range(0x8000_0000, 0x6_0000)).expect("room");
    for (page, pages) in holes {
        facts.no_map.insert(range(0x8400_0000 + page * 4096, pages * 4096)).expect("room");
    }
    let landfall_image::record::Parts { text, constants, early, data } = PARTS;
    facts.image = ImageFacts { text, constants, early, data };
    facts.loaded = PhysAddr::new(BASE);
    facts.tree = range(0x8300_0000, 0x2000);
    facts.memory_types = types;
    for id in 0..harts {
        let extensions = Extensions::NONE.with(Extension::Svnapot);
        facts.harts.push(Hart { id, mmu: Mmu::Upto(Mode::Sv57), extensions });
    }
    facts
}

fn found(decided: &Decided) -> Vec<(u64, u64, u64, String, &'static str)> {
    let access = |run: &Run| run.attributes.to_string()[..3].to_owned();
    let entry = |run: &Run| (run.virt.0, run.phys.0, run.size, access(run), run.leaf.name());
    decided.runs.iter().map(entry).collect()
}

proptest! {
    /// Memory of a landed kernel leads to the mappings of its planner.
    #[test]
    fn decisions_lead_to_the_plan(
        mode in prop::sample::select(vec![Mode::Sv39, Mode::Sv48, Mode::Sv57]),
        placement in prop::sample::select(vec![Placement::OwnRegion, Placement::LinearMap]),
        alias in prop::sample::select(vec![Alias::ReadOnly, Alias::Absent]),
        types in prop::sample::select(vec![MemoryTypes::Standard, MemoryTypes::Thead]),
        holes in prop::collection::vec((0_u64..0x8000, 1_u64..0x400), 0..6),
        harts in 1_u64..5,
        random: u64,
    ) {
        let landed = Landed::new(mode, placement, alias, facts(&holes, harts, types), random);
        let decided = decided(&landed.image()).expect("a plan");
        let found = found(&decided);
        let found: Vec<_> =
            found.iter().map(|(virt, phys, size, access, leaf)| (*virt, *phys, *size, &access[..], *leaf)).collect();
        prop_assert_eq!(found, landed.right());
        prop_assert_eq!(decided.root.table.0, landed.plan.tables().start().get());
        let stacks = decided.plan.stacks().into_iter().map(|stack| stack.start.0).collect::<Vec<_>>();
        let right = landed.plan.stacks.harts().map(|hart| landed.plan.stacks.bottom(hart).get());
        prop_assert_eq!(stacks, right.collect::<Vec<_>>());
        let left = |address: VirtAddr| decided.left.iter().any(|span| span.contains(Virt(address.get())));
        prop_assert!(left(landed.plan.dynamic.start()));
        prop_assert!(!left(landed.plan.image.virt) && !left(landed.plan.stacks.virt));
    }

    /// Damage of any word gives an error or another plan.
    #[test]
    fn damage_does_no_harm(at in 0_usize..0x19000 / 8, word: u64, shift in 0_u32..64) {
        let facts = facts(&[], 2, MemoryTypes::Standard);
        let landed = Landed::new(Mode::Sv39, Placement::OwnRegion, Alias::ReadOnly, facts, 7);
        let mut image = landed.image();
        image[at * 8..][..8].copy_from_slice(&(word >> shift).to_le_bytes());
        let _ = decided(&image);
        // The values of the index lie in a small part of the file.
        let mut image = landed.image();
        let within = INDEX + at % 0x140 * 8;
        image[within..][..8].copy_from_slice(&(word >> shift).to_le_bytes());
        let _ = decided(&image);
    }
}

/// Returns the image with a value in the place of a field.
fn with(landed: &Landed, field: Field, at: usize, value: &[u8]) -> Vec<u8> {
    let mut image = landed.image();
    let index = LandingIndex::read(&image[INDEX..]).expect("an index");
    let start = INDEX + usize::try_from(index.offset(field)).expect("a small number") + at;
    image[start..start + value.len()].copy_from_slice(value);
    image
}

#[test]
fn each_obstacle_has_a_reason() {
    let facts = facts(&[], 2, MemoryTypes::Standard);
    let landed = Landed::new(Mode::Sv48, Placement::OwnRegion, Alias::ReadOnly, facts, 99);
    assert_eq!(landed.plan.format, LeafFormat::Napot);
    let fails = |image: &[u8]| decided(image).expect_err("no plan").to_string();
    let damaged = |at: usize, bytes: &[u8]| {
        let mut image = landed.image();
        image[at..at + bytes.len()].copy_from_slice(bytes);
        fails(&image)
    };
    let wrong = |field, at, value: u64| fails(&with(&landed, field, at, &value.to_le_bytes()));
    for (error, words) in [
        (damaged(0x40, b"LINUX"), "no kernel of Landfall's begins at a mapping"),
        (damaged(0x48, &[9]), "has version 9"),
        (damaged(0x4a, &[4]), "was built without the feature report"),
        (damaged(INDEX, b"X"), "does not state its landing: it has no landing index"),
        (damaged(INDEX + 0x10, &[2]), "landing index has version 2"),
        (damaged(INDEX + 0x18 + 7, &[1]), "a value lies far from the landing index"),
        (damaged(0xf000, &[0xff; 4]), "the policy of the kernel at 0x80200000 cannot be read"),
        (fails(&landed.image()[..0x18000]), "bytes of the kernel at 0x80217000 cannot be read"),
        (wrong(Field::Satp, 0, 8 << 60), "the kernel at 0x80200000 has not landed"),
        (wrong(Field::Satp, 0, 0), "the kernel at 0x80200000 has not landed"),
        (wrong(Field::Ram, 1024, 65), "a set has more ranges than fit"),
        (wrong(Field::Ram, 8, 0x1000), "the linear map does not hold the image"),
        (wrong(Field::ImagePhysical, 0, 0x8040_0000), "the image is another one"),
        (wrong(Field::ImageVirtual, 0, 0x1000), "congruent"),
        (wrong(Field::ImageVirtual, 0, 0), "a mapping is not valid"),
        (wrong(Field::LinearOffset, 0, 0x1000), "no multiple of 1 GiB"),
        (wrong(Field::Stacks, 24, 513), "no kernel has these stacks"),
        (wrong(Field::Stacks, 0, landed.plan.image.virt.get()), "two mappings overlap"),
        (wrong(Field::LeafFormat, 0, 5), "the format of leaves is unknown"),
    ] {
        assert!(error.contains(words), "no \"{words}\" in {error}");
    }
}
