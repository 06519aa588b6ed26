//! A machine of the tests, and what the models say of it.

use std::ops::Range as Bytes;

use landfall_paging::{Mode, PhysAddr, PhysRange};
use landfall_plan::facts::{ImageFacts, MemoryTypes, OtherHarts, PlacedImage};
use landfall_plan::harts::{Extension, Extensions, Hart, Harts, Mmu};
use landfall_plan::memory::PhysRangeSet;
use landfall_plan::randomness::{Seed, SeedSource};
use landfall_plan::{Draws, Facts, Plan, Policy, Refusal};

use crate::mode_policy::ModePolicy;

/// A seed that limits no number of bits.
pub(crate) const SEED: Seed = Seed { source: SeedSource::KASLR_SEED.and(SeedSource::RNG_SEED), bits: 256 };

/// The support of a hart for leaves of 64 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Svnapot {
    Absent,
    Present,
}

impl Svnapot {
    fn extensions(self) -> Extensions {
        match self {
            Self::Absent => Extensions::NONE,
            Self::Present => Extensions::NONE.with(Extension::Svnapot),
        }
    }
}

/// A machine, a kernel, and what the landing draws.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) ram: Vec<Bytes<u64>>,
    pub(crate) no_map: Vec<Bytes<u64>>,
    pub(crate) reserved: Vec<Bytes<u64>>,
    pub(crate) image: PlacedImage,
    pub(crate) tree: Bytes<u64>,
    pub(crate) initrd: Option<Bytes<u64>>,
    pub(crate) harts: Vec<(Mmu, Svnapot)>,
    pub(crate) boot_hart: usize,
    pub(crate) memory_types: MemoryTypes,
    pub(crate) other_harts: OtherHarts,
    pub(crate) mode: Mode,
    pub(crate) draws: Option<Draws>,
    pub(crate) mode_policy: ModePolicy,
}

impl Machine {
    /// 128 MiB of RAM at 2 GiB, a small kernel in its middle, the tree near its end, one hart,
    /// nothing random.
    pub(crate) fn plain(mode: Mode) -> Self {
        Self {
            ram: vec![0x8000_0000..0x8800_0000],
            no_map: vec![],
            reserved: vec![],
            image: ImageFacts { text: 0x8000, constants: 0x3000, early: 0x5000, data: 0x1_0000 }
                .at(PhysAddr::new(0x8420_3000)),
            tree: 0x87e0_0000..0x87e0_1a2b,
            initrd: None,
            harts: vec![(Mmu::Upto(mode), Svnapot::Absent)],
            boot_hart: 0,
            memory_types: MemoryTypes::Standard,
            other_harts: OtherHarts::WithFirmware,
            mode,
            draws: None,
            mode_policy: ModePolicy::NONE,
        }
    }

    pub(crate) fn facts(&self) -> Facts {
        let mut harts = Harts::EMPTY;
        (0..).zip(&self.harts).for_each(|(index, &(mmu, svnapot))| {
            harts.push(Hart { id: hart_id(index), mmu, extensions: svnapot.extensions() });
        });
        let mut facts = Facts::UNKNOWN;
        (facts.ram, facts.no_map, facts.reserved) = (set(&self.ram), set(&self.no_map), set(&self.reserved));
        (facts.image, facts.loaded) = (self.image.parts, self.image.base);
        (facts.tree, facts.initrd) = (range(&self.tree), self.initrd.as_ref().map(range));
        (facts.harts, facts.boot_hart) = (harts, hart_id(self.boot_hart as u64));
        (facts.memory_types, facts.other_harts) = (self.memory_types, self.other_harts);
        facts
    }

    pub(crate) fn policy(&self) -> Policy {
        self.mode_policy.policy(self.mode)
    }

    pub(crate) fn plan(&self) -> Result<Plan, Refusal> {
        Plan::new(&self.facts(), &self.policy(), self.mode, self.draws.as_ref())
    }

    pub(crate) fn image_bytes(&self) -> Bytes<u64> {
        let PlacedImage { base, parts: ImageFacts { text, constants, early, data } } = self.image;
        base.get()..base.get() + text + constants + early + data
    }

    /// The machine as if its image had been loaded where the plan wants it.
    pub(crate) fn moved(&self, plan: &Plan) -> Self {
        Self { image: plan.image.phys, ..self.clone() }
    }

    /// Returns the reach of the linear map without pins, by the table in `layout`.
    pub(crate) fn reach(&self) -> Bytes<u64> {
        let lowest = self.ram.iter().map(|node| node.start).min().unwrap_or(0);
        let most = match (self.mode_policy.ram_limit, self.mode) {
            (0, Mode::Sv39) => 128 << 30,
            (0, Mode::Sv48) => 64 << 40,
            (0, Mode::Sv57) => 32 << 50,
            (limit, _) => limit,
        };
        lowest..(lowest + most).min(1 << 56)
    }

    /// Physical memory cut at every boundary that matters, so that each piece is in or out of a
    /// range as a whole.
    pub(crate) fn pieces(&self, reach: &Bytes<u64>) -> Vec<Bytes<u64>> {
        let PlacedImage { base, parts: ImageFacts { text, constants, .. } } = self.image;
        let read_only = base.get()..base.get() + text + constants;
        let text = base.get()..base.get() + text;
        let ranges = self.ram.iter().chain(&self.no_map).chain(&self.reserved);
        let ranges = ranges.cloned().chain([self.image_bytes(), text, read_only, reach.clone()]);
        let mut cuts: Vec<u64> = ranges.flat_map(|range| [range.start, range.end]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        cuts.windows(2).map(|pair| pair[0]..pair[1]).collect()
    }

    /// Returns true if the linear map spans a piece.
    pub(crate) fn must_map(&self, piece: &Bytes<u64>, reach: &Bytes<u64>) -> bool {
        is_in(&self.ram, piece) && !is_in(&self.no_map, piece) && reach.contains(&piece.start)
    }

    /// Returns the number of harts that land.
    pub(crate) fn landing_harts(&self) -> u64 {
        self.landing().count() as u64
    }

    /// Returns true if leaves of 64 KiB may be used.
    pub(crate) fn has_svnapot(&self) -> bool {
        self.memory_types == MemoryTypes::Standard
            && self.landing().all(|svnapot| svnapot == Svnapot::Present)
    }

    /// The harts that land: the one that boots, and those that reach the mode as long as the policy
    /// has room.
    fn landing(&self) -> impl Iterator<Item = Svnapot> {
        let others = (0..).zip(&self.harts).filter(|&(index, (mmu, _))| {
            index != self.boot_hart && matches!(mmu, Mmu::Upto(best) if *best >= self.mode)
        });
        let most = usize::try_from(self.mode_policy.max_harts - 1).unwrap_or(usize::MAX);
        let others = others.take(most).map(|(_, (_, svnapot))| *svnapot);
        std::iter::once(self.harts[self.boot_hart].1).chain(others)
    }
}

/// Hart ids with holes.
pub(crate) fn hart_id(index: u64) -> u64 {
    index * 5 + index / 3
}

/// Returns true if a piece, which no boundary of `ranges` cuts, lies in one of them.
pub(crate) fn is_in(ranges: &[Bytes<u64>], piece: &Bytes<u64>) -> bool {
    ranges.iter().any(|range| range.contains(&piece.start))
}

pub(crate) fn overlap(a: &Bytes<u64>, b: &Bytes<u64>) -> bool {
    a.start.max(b.start) < a.end.min(b.end)
}

pub(crate) fn range(bytes: &Bytes<u64>) -> PhysRange {
    PhysRange::between(PhysAddr::new(bytes.start), PhysAddr::new(bytes.end))
}

pub(crate) fn bytes(range: PhysRange) -> Bytes<u64> {
    range.start().get()..range.end().get()
}

pub(crate) fn pages_touched(bytes: &Bytes<u64>) -> Bytes<u64> {
    bytes.start / 4096 * 4096..bytes.end.div_ceil(4096) * 4096
}

fn set(ranges: &[Bytes<u64>]) -> PhysRangeSet {
    let mut set = PhysRangeSet::EMPTY;
    for each in ranges {
        set.insert(range(each)).expect("a test machine has few ranges");
    }
    set
}
