//! Machines drawn at random, and what the models say of them.

use std::ops::Range as Bytes;

use landfall_paging::{Mode, PhysAddr};
use landfall_plan::{
    Draws, Facts, Hart, Harts, ImageFacts, Mmu, Plan, Policy, Range, RangeSet, Refusal, SeedSource,
};
use proptest::prelude::*;

const PAGE: u64 = 4096;

/// A machine, a kernel, and what the landing draws.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) ram: Vec<Bytes<u64>>,
    pub(crate) no_map: Vec<Bytes<u64>>,
    pub(crate) reserved: Vec<Bytes<u64>>,
    pub(crate) image: ImageFacts,
    pub(crate) tree: Bytes<u64>,
    pub(crate) initrd: Option<Bytes<u64>>,
    pub(crate) harts: Vec<Mmu>,
    pub(crate) boot_hart: usize,
    pub(crate) mode: Mode,
    pub(crate) draws: Option<Draws>,
    pub(crate) stack_size: u64,
}

impl Machine {
    /// 128 MiB of RAM at 2 GiB, a small kernel in its middle, the tree near its end, one hart, nothing random.
    pub(crate) fn plain(mode: Mode) -> Self {
        Self {
            ram: vec![0x8000_0000..0x8800_0000],
            no_map: vec![],
            reserved: vec![],
            image: ImageFacts {
                base: PhysAddr::new(0x8420_3000),
                text: 0x8000,
                constants: 0x3000,
                early: 0x5000,
                data: 0x1_0000,
            },
            tree: 0x87e0_0000..0x87e0_1a2b,
            initrd: None,
            harts: vec![Mmu::Upto(mode)],
            boot_hart: 0,
            mode,
            draws: None,
            stack_size: 0x1_0000,
        }
    }

    pub(crate) fn facts(&self) -> Facts {
        let mut harts = Harts::EMPTY;
        (0..).zip(&self.harts).for_each(|(index, &mmu)| harts.push(Hart { id: hart_id(index), mmu }));
        Facts {
            ram: set(&self.ram),
            no_map: set(&self.no_map),
            reserved: set(&self.reserved),
            image: self.image,
            tree: range(&self.tree),
            initrd: self.initrd.as_ref().map(range),
            harts,
            boot_hart: hart_id(self.boot_hart as u64),
            ..Facts::UNKNOWN
        }
    }

    pub(crate) fn policy(&self) -> Policy {
        Policy::new().stack_size(self.stack_size)
    }

    pub(crate) fn plan(&self) -> Result<Plan, Refusal> {
        Plan::new(&self.facts(), &self.policy(), self.mode, self.draws.as_ref())
    }

    pub(crate) fn image_bytes(&self) -> Bytes<u64> {
        let ImageFacts { base, text, constants, early, data } = self.image;
        base.get()..base.get() + text + constants + early + data
    }

    /// What the linear map reaches, by the table in `layout`.
    pub(crate) fn reach(&self) -> Bytes<u64> {
        let lowest = self.ram.iter().map(|node| node.start).min().unwrap_or(0);
        let most = match self.mode {
            Mode::Sv39 => 128 << 30,
            Mode::Sv48 => 64 << 40,
            Mode::Sv57 => 32 << 50,
        };
        lowest..(lowest + most).min(1 << 56)
    }

    /// Physical memory cut at every boundary that matters, so that each piece is in or out of a range as a whole.
    pub(crate) fn pieces(&self) -> Vec<Bytes<u64>> {
        let ImageFacts { base, text, constants, .. } = self.image;
        let read_only = base.get()..base.get() + text + constants;
        let ranges = self.ram.iter().chain(&self.no_map).chain(&self.reserved);
        let ranges = ranges.cloned().chain([self.image_bytes(), read_only, self.reach()]);
        let mut cuts: Vec<u64> = ranges.flat_map(|range| [range.start, range.end]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        cuts.windows(2).map(|pair| pair[0]..pair[1]).collect()
    }

    /// Whether the linear map must hold a piece.
    pub(crate) fn must_map(&self, piece: &Bytes<u64>) -> bool {
        is_in(&self.ram, piece) && !is_in(&self.no_map, piece) && self.reach().contains(&piece.start)
    }

    /// How many harts land.
    pub(crate) fn landing_harts(&self) -> u64 {
        let lands = |(index, mmu): &(usize, &Mmu)| {
            *index == self.boot_hart || matches!(mmu, Mmu::Upto(best) if *best >= self.mode)
        };
        self.harts.iter().enumerate().filter(lands).count() as u64
    }
}

/// Hart ids with holes.
pub(crate) fn hart_id(index: u64) -> u64 {
    index * 5 + index / 3
}

/// Whether a piece, which no boundary of `ranges` cuts, lies in one of them.
pub(crate) fn is_in(ranges: &[Bytes<u64>], piece: &Bytes<u64>) -> bool {
    ranges.iter().any(|range| range.contains(&piece.start))
}

pub(crate) fn overlap(a: &Bytes<u64>, b: &Bytes<u64>) -> bool {
    a.start.max(b.start) < a.end.min(b.end)
}

pub(crate) fn range(bytes: &Bytes<u64>) -> Range {
    Range::between(PhysAddr::new(bytes.start), PhysAddr::new(bytes.end))
}

pub(crate) fn bytes(range: Range) -> Bytes<u64> {
    range.start().get()..range.end().get()
}

fn set(ranges: &[Bytes<u64>]) -> RangeSet {
    let mut set = RangeSet::EMPTY;
    for each in ranges {
        set.insert(range(each)).expect("a test machine has few ranges");
    }
    set
}

/// Multiples of a grain of 4 KiB, 2 MiB or 1 GiB below `2^top`, of all magnitudes.
fn quantity(top: u32) -> impl Strategy<Value = u64> {
    let grain = prop_oneof![3 => Just(12_u32), 2 => Just(21), 1 => Just(30)];
    (12..=top, any::<u64>(), grain)
        .prop_map(|(bits, random, grain)| (random & ((1 << bits) - 1)) >> grain << grain)
}

/// A stretch of memory; `least` bytes at the least.
fn node(top: u32, least: u64) -> impl Strategy<Value = Bytes<u64>> {
    let start = prop_oneof![1 => Just(0), 1 => quantity(top), 3 => quantity(top).prop_map(move |start| start | 1 << (top - 1))];
    (start, quantity(top)).prop_map(move |(start, size)| start..start + size.max(least))
}

/// A stretch of up to `most` bytes that begins somewhere in `home`, or rarely somewhere else.
fn inside(home: Bytes<u64>, most: u64, grain: u64) -> impl Strategy<Value = Bytes<u64>> {
    let start = prop_oneof![12 => home.clone(), 1 => 0..1_u64 << 40];
    let size = (0..=most.ilog2(), any::<u64>()).prop_map(|(bits, random)| random & ((2 << bits) - 1));
    (start, size).prop_map(move |(start, size)| {
        let start = start / grain * grain;
        start..start + (size / grain * grain).max(grain)
    })
}

/// An image somewhere in `home`, if it fits, and 4 KiB-aligned.
fn image(home: Bytes<u64>) -> impl Strategy<Value = ImageFacts> {
    let pages = || prop_oneof![8 => 1..64_u64, 1 => 1..4096_u64];
    let rarely_none = prop_oneof![6 => 1..16_u64, 1 => Just(0)];
    (pages(), pages(), rarely_none, pages(), any::<u64>(), prop_oneof![20 => Just(true), 1 => Just(false)])
        .prop_map(move |(text, constants, early, data, random, fits)| {
            let size = text + constants + early + data;
            let room = (home.end - home.start) / PAGE;
            let choices = if fits { room.saturating_sub(size) + 1 } else { room + size };
            let base = home.start / PAGE + random % choices;
            let [text, constants, early, data] = [text, constants, early, data].map(|pages| pages * PAGE);
            ImageFacts { base: PhysAddr::new(base * PAGE), text, constants, early, data }
        })
}

fn mmu() -> impl Strategy<Value = Mmu> {
    prop_oneof![
        1 => Just(Mmu::Unstated),
        1 => Just(Mmu::None),
        6 => prop::sample::select(&Mode::BEST_FIRST[..]).prop_map(Mmu::Upto),
    ]
}

/// Zero, the largest, or anything.
fn random() -> impl Strategy<Value = u64> {
    prop_oneof![1 => Just(0), 1 => Just(u64::MAX), 8 => any::<u64>()]
}

/// Machines of all kinds, those included that refuse.
pub(crate) fn machines() -> impl Strategy<Value = Machine> {
    let mode = prop::sample::select(&Mode::BEST_FIRST[..]);
    let shape = mode.prop_flat_map(|mode| {
        let fitting = mode.virtual_bits() - 3;
        (Just(mode), prop_oneof![6 => 24..=fitting.min(55), 1 => 24..=55_u32])
    });
    let ram = shape.prop_flat_map(|(mode, top)| {
        let home = prop_oneof![12 => node(top, 48 << 20), 1 => node(top, PAGE)];
        let others = prop_oneof![
            4 => prop::collection::vec(node(top, PAGE), 0..2),
            2 => prop::collection::vec(node(top, PAGE), 2..8),
            // Some of it where the mode does not reach.
            1 => prop::collection::vec(node((top + 8).min(55), PAGE), 1..3),
        ];
        (Just(mode), home, others)
    });
    let rest = |(mode, home, others): (Mode, Bytes<u64>, Vec<Bytes<u64>>)| {
        let holes = |most| {
            let within = inside(home.clone(), most, PAGE);
            prop_oneof![1 => Just(vec![]), 2 => prop::collection::vec(within, 0..5)]
        };
        let harts = prop_oneof![
            6 => prop::collection::vec(mmu(), 1..6),
            1 => prop::collection::vec(mmu(), 100..=128),
        ];
        let draws = prop::option::weighted(0.9, (random(), random())).prop_map(|draws| {
            draws.map(|(linear_map, kernel)| Draws { linear_map, kernel, source: SeedSource::Both })
        });
        (
            (Just(mode), Just(home.clone()), Just(others)),
            (holes(4 << 20), holes(4 << 20)),
            (image(home.clone()), inside(home.clone(), 1 << 20, 1)),
            prop::option::of(inside(home, 8 << 20, 1)),
            (harts, any::<prop::sample::Index>()),
            (draws, prop_oneof![6 => 1..=16_u64, 1 => 1..=256_u64]),
        )
    };
    ram.prop_flat_map(rest).prop_map(
        |((mode, home, others), (no_map, reserved), (image, tree), initrd, (harts, boot), (draws, stack))| {
            let mut ram = others;
            ram.insert(ram.len() / 2, home);
            let boot_hart = boot.index(harts.len());
            let stack_size = stack * PAGE;
            Machine { ram, no_map, reserved, image, tree, initrd, harts, boot_hart, mode, draws, stack_size }
        },
    )
}

/// Machines on which a kernel lands.
pub(crate) fn landing_machines() -> impl Strategy<Value = Machine> {
    machines().prop_filter("the machine refuses", |machine| machine.plan().is_ok())
}
