//! Machines that are small enough to try all places of the image, and larger ones with the places
//! that matter.

use std::ops::Range as Bytes;

use landfall_paging::{Mode, PhysAddr};
use landfall_plan::facts::ImageFacts;
use landfall_plan::harts::Mmu;
use landfall_plan::policy::{Alias, PhysicalPlacement, Placement};
use proptest::prelude::*;

use crate::machine::{Machine, Svnapot, is_in, pages_touched};
use crate::mode_policy::ModePolicy;

const PAGE: u64 = 4096;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// Returns the places for an image, in ascending runs: RAM without another owner, and not page 0.
/// The image's own place is included.
pub(crate) fn free_runs(machine: &Machine) -> Vec<Bytes<u64>> {
    let others = [&machine.tree].into_iter().chain(&machine.initrd).map(pages_touched);
    let taken: Vec<Bytes<u64>> =
        machine.no_map.iter().chain(&machine.reserved).cloned().chain(others).chain([0..PAGE]).collect();
    let mut cuts: Vec<u64> =
        machine.ram.iter().chain(&taken).flat_map(|range| [range.start, range.end]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut runs: Vec<Bytes<u64>> = vec![];
    for piece in cuts.windows(2).map(|pair| pair[0]..pair[1]) {
        if !is_in(&machine.ram, &piece) || is_in(&taken, &piece) {
            continue;
        }
        match runs.last_mut() {
            Some(last) if last.end == piece.start => last.end = piece.end,
            _ => runs.push(piece),
        }
    }
    runs
}

/// Pages: mostly few, sometimes more than 2 MiB of them; or just as many as blocks hold.
fn pages() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 1..40_u64, 2 => 1..700_u64, 1 => (1..40_u64).prop_map(|n| n * 16), 1 => (1..3_u64).prop_map(|n| n * 512)]
}

/// A size of some pages, or round.
fn amount(most: u64) -> impl Strategy<Value = u64> {
    (1..=most / PAGE, prop::sample::select(vec![PAGE, PAGE, 65536, 2 * MIB]))
        .prop_map(|(pages, grain)| (pages * PAGE).next_multiple_of(grain))
}

/// Packed machines with RAM around multiples of 1 GiB. `unit`: how large their ranges are.
fn packed(unit: u64, ranges: usize) -> impl Strategy<Value = Machine> {
    let start = (0..5_u64, prop_oneof![Just(0), amount(unit), amount(unit)], any::<bool>());
    let start = start.prop_map(|(gib, away, below)| {
        let border = (gib + 2) * GIB;
        if below { border - away } else { border + away }
    });
    let range = (start, amount(unit)).prop_map(|(start, size)| start..start + size);
    let hole = |most| (any::<prop::sample::Index>(), 0..unit / PAGE, amount(most));
    let machine = (
        prop::sample::select(&Mode::BEST_FIRST[..]),
        prop::collection::vec(range, 1..=ranges),
        prop::collection::vec(hole(unit / 8), 0..4),
        prop::collection::vec(hole(unit / 8), 0..4),
        (pages(), prop_oneof![1 => Just(0), 4 => pages()], prop_oneof![1 => Just(0), 4 => pages()], pages()),
        (any::<prop::sample::Index>(), any::<u64>()),
        (any::<bool>(), any::<bool>(), any::<bool>(), prop_oneof![4 => 2..=3_u64, 1 => 16..=20_u64]),
    );
    let machine = machine.prop_map(|(mode, ram, no_map, reserved, parts, (run, place), choices)| {
        let within = |(range, skip, size): (prop::sample::Index, u64, u64)| {
            let start = range.get(&ram).start + skip * PAGE;
            start..start + size
        };
        let no_map = no_map.into_iter().map(within).collect();
        let reserved = reserved.into_iter().map(within).collect();
        let (text, constants, early, data) = parts;
        let [text, constants, early, data] = [text, constants, early, data].map(|pages| pages * PAGE);
        let (napot, own_region, absent, stack) = choices;
        let mode_policy = ModePolicy {
            physical: PhysicalPlacement::Pack,
            placement: if own_region { Placement::OwnRegion } else { Placement::LinearMap },
            alias: if absent { Alias::Absent } else { Alias::ReadOnly },
            stack_size: stack * PAGE,
            ..ModePolicy::NONE
        };
        let image = ImageFacts { text, constants, early, data }.at(PhysAddr::new(0));
        let svnapot = if napot { Svnapot::Present } else { Svnapot::Absent };
        let harts = vec![(Mmu::Upto(mode), svnapot)];
        let tree = ram[0].start..ram[0].start;
        let mut machine =
            Machine { ram, no_map, reserved, image, tree, harts, mode_policy, ..Machine::plain(mode) };
        let mut runs = free_runs(&machine);
        runs.retain(|run| run.end - run.start >= image.size());
        if !runs.is_empty() {
            let run = run.get(&runs);
            let room = (run.end - run.start - image.size()) / PAGE + 1;
            machine.image.base = PhysAddr::new(run.start + place % room * PAGE);
        }
        machine
    });
    machine.prop_filter("it does not land", |machine| machine.plan().is_ok())
}

/// Of tens of mebibytes.
pub(crate) fn small_machines() -> impl Strategy<Value = Machine> {
    packed(12 * MIB, 4)
}

/// Of gibibytes.
pub(crate) fn medium_machines() -> impl Strategy<Value = Machine> {
    packed(3 * GIB / 2, 4)
}

/// Places where something could change: around the ends of runs and the borders of large blocks,
/// and anywhere.
pub(crate) fn places(machine: &Machine, seed: u64) -> Vec<u64> {
    let ImageFacts { text, constants, early, data, .. } = machine.image.parts;
    let size = machine.image.size();
    let edges = [0, text, text + constants, text + constants + early, text + constants + early + data];
    let mut places = vec![];
    let mut random = seed;
    for run in free_runs(machine).into_iter().filter(|run| run.end - run.start >= size) {
        let mut push = |place: u64| {
            if place >= run.start && place <= run.end - size {
                places.push(place);
            }
        };
        for block in [64 << 10, 2 * MIB, GIB] {
            let borders = [run.start, run.end, run.start + GIB / 3, (run.start / GIB + 1) * GIB];
            let borders = borders.into_iter().flat_map(|at| [at / block * block, at.div_ceil(block) * block]);
            for border in borders.flat_map(|border| [border.saturating_sub(block), border, border + block]) {
                for edge in edges {
                    for more in [0, PAGE, 65536] {
                        push((border + more).saturating_sub(edge));
                    }
                }
            }
        }
        for _ in 0..64 {
            random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            push(run.start + (random >> 20) % (run.end - run.start) / PAGE * PAGE);
        }
    }
    places.push(machine.image.base.get());
    places
}
