//! Machines drawn at random.

use std::ops::Range as Bytes;

use landfall_paging::{Mode, PhysAddr};
use landfall_plan::Draws;
use landfall_plan::facts::{ImageFacts, MemoryTypes, OtherHarts, PlacedImage};
use landfall_plan::harts::Mmu;
use proptest::prelude::*;

use crate::machine::{Machine, SEED, Svnapot};
use crate::mode_policy::{ModePolicy, mode_policies};

const PAGE: u64 = 4096;

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
fn image(home: Bytes<u64>) -> impl Strategy<Value = PlacedImage> {
    let pages = || prop_oneof![8 => 1..64_u64, 1 => 1..4096_u64];
    let rarely_none = prop_oneof![6 => 1..16_u64, 1 => Just(0)];
    (pages(), pages(), rarely_none, pages(), any::<u64>(), prop_oneof![20 => Just(true), 1 => Just(false)])
        .prop_map(move |(text, constants, early, data, random, fits)| {
            let size = text + constants + early + data;
            let room = (home.end - home.start) / PAGE;
            let choices = if fits { room.saturating_sub(size) + 1 } else { room + size };
            let base = home.start / PAGE + random % choices;
            let [text, constants, early, data] = [text, constants, early, data].map(|pages| pages * PAGE);
            ImageFacts { text, constants, early, data }.at(PhysAddr::new(base * PAGE))
        })
}

/// Harts, all of them or some with Svnapot.
fn harts() -> impl Strategy<Value = Vec<(Mmu, Svnapot)>> {
    let some = prop::sample::select(vec![Svnapot::Absent, Svnapot::Present]);
    let each = prop_oneof![2 => Just(None), 1 => some.prop_map(Some)];
    let mmus = prop_oneof![
        6 => prop::collection::vec((mmu(), each.clone()), 1..6),
        1 => prop::collection::vec((mmu(), each), 100..=128),
    ];
    let all = prop::sample::select(vec![Svnapot::Absent, Svnapot::Present]);
    (mmus, all).prop_map(|(mmus, all)| mmus.into_iter().map(|(mmu, own)| (mmu, own.unwrap_or(all))).collect())
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

/// A draw for everything.
pub(crate) fn any_draws() -> BoxedStrategy<Draws> {
    // On the heap: an array of strategies takes more of the stack than a test's thread has.
    let words = prop::collection::vec(random(), 8);
    words.prop_map(|words| Draws::from_words(words.try_into().expect("eight words"), SEED)).boxed()
}

fn draws() -> impl Strategy<Value = Option<Draws>> {
    prop::option::weighted(0.9, any_draws())
}

/// A mode, RAM in which the image is to lie, and other RAM.
fn ram() -> impl Strategy<Value = (Mode, Bytes<u64>, Vec<Bytes<u64>>)> {
    let mode = prop::sample::select(&Mode::BEST_FIRST[..]);
    let shape = mode.prop_flat_map(|mode| {
        let fitting = mode.virtual_bits() - 3;
        (Just(mode), prop_oneof![6 => 24..=fitting.min(55), 1 => 24..=55_u32])
    });
    shape.prop_flat_map(|(mode, top)| {
        let home = prop_oneof![12 => node(top, 48 << 20), 1 => node(top, PAGE)];
        let others = prop_oneof![
            4 => prop::collection::vec(node(top, PAGE), 0..2),
            2 => prop::collection::vec(node(top, PAGE), 2..8),
            // Some of it where the mode does not reach.
            1 => prop::collection::vec(node((top + 8).min(55), PAGE), 1..3),
        ];
        (Just(mode), home, others)
    })
}

/// Machines of all kinds, those included that refuse, under a policy that sets nothing but a size
/// of the stacks.
pub(crate) fn machines() -> impl Strategy<Value = Machine> {
    let rest = |(mode, home, others): (Mode, Bytes<u64>, Vec<Bytes<u64>>)| {
        let holes = |most| {
            let within = inside(home.clone(), most, PAGE);
            prop_oneof![1 => Just(vec![]), 2 => prop::collection::vec(within, 0..5)]
        };
        let kinds = prop_oneof![9 => Just(MemoryTypes::Standard), 1 => Just(MemoryTypes::Thead)];
        let others_at = prop_oneof![9 => Just(OtherHarts::WithFirmware), 1 => Just(OtherHarts::InImage)];
        (
            (Just(mode), Just(home.clone()), Just(others)),
            (holes(4 << 20), holes(4 << 20)),
            (image(home.clone()), inside(home.clone(), 1 << 20, 1)),
            prop::option::of(inside(home, 8 << 20, 1)),
            (harts(), any::<prop::sample::Index>(), kinds, others_at),
            (draws(), prop_oneof![6 => 2..=16_u64, 1 => 2..=256_u64]),
        )
    };
    ram().prop_flat_map(rest).prop_map(
        |((mode, home, others), (no_map, reserved), (image, tree), initrd, harts, (draws, stack))| {
            let (mut ram, (harts, boot, memory_types, other_harts)) = (others, harts);
            ram.insert(ram.len() / 2, home);
            let boot_hart = boot.index(harts.len());
            let mode_policy = ModePolicy { stack_size: stack * PAGE, ..ModePolicy::NONE };
            let plain =
                Machine { ram, no_map, reserved, image, tree, initrd, mode_policy, ..Machine::plain(mode) };
            Machine { harts, boot_hart, memory_types, other_harts, draws, ..plain }
        },
    )
}

/// Machines on which a kernel lands by the default policy.
pub(crate) fn landing_machines() -> impl Strategy<Value = Machine> {
    machines().prop_filter("the machine refuses", |machine| machine.plan().is_ok())
}

/// Machines of all kinds, those included that refuse, under a policy of any kind.
pub(crate) fn machines_of_any_policy() -> impl Strategy<Value = Machine> {
    let machines = machines().prop_flat_map(|machine| {
        let lowest = machine.ram.iter().map(|node| node.start).min().unwrap_or(0);
        (mode_policies(machine.mode, lowest), Just(machine))
    });
    machines.prop_map(|(mode_policy, machine)| Machine { mode_policy, ..machine })
}

/// Machines on which a kernel lands, by the default policy or any other.
pub(crate) fn all_landing_machines() -> BoxedStrategy<Machine> {
    let machines =
        machines_of_any_policy().prop_filter("the machine refuses", |machine| machine.plan().is_ok());
    prop_oneof![1 => landing_machines().boxed(), 2 => machines.boxed()].boxed()
}
