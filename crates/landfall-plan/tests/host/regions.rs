//! A model of the address space: gaps, and a predicate on each place, in numbers from the first
//! address of the upper half on.

use std::ops::Range as Bytes;

use landfall_paging::{Mode, VirtRange};
use landfall_plan::policy::{LinearPin, Placement};

use crate::machine::Machine;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const GUARD: u64 = 2 * MIB;

pub(crate) fn upper_half(mode: Mode) -> u64 {
    mode.upper_half().get()
}

/// The first address behind a range; 2^64 - 1 at the most.
pub(crate) fn end_of(range: VirtRange) -> u64 {
    range.start().get() + range.size()
}

/// Returns true if there is a constant above `low` and up to `high`, both absolute. A constant is a
/// signed number of 20 bits times a power of two from 2^12 on.
fn has_border(low: u64, high: u64) -> bool {
    (12..63).any(|zeros| {
        let number = high >> zeros << zeros;
        number >= low && (-(1 << 19)..1 << 19).contains(&(number.cast_signed() >> zeros))
    })
}

/// The gaps that a range, with its guards, leaves.
fn without(gaps: &[Bytes<u64>], taken: &Bytes<u64>) -> Vec<Bytes<u64>> {
    let (start, end) = (taken.start.saturating_sub(GUARD), taken.end.saturating_add(GUARD));
    let pieces = gaps.iter().flat_map(|gap| [gap.start..gap.end.min(start), gap.start.max(end)..gap.end]);
    pieces.filter(|gap| gap.start < gap.end).collect()
}

fn holds(gaps: &[Bytes<u64>], range: &Bytes<u64>) -> bool {
    gaps.iter().any(|gap| gap.start <= range.start && range.end <= gap.end)
}

fn largest(gaps: &[Bytes<u64>], home: &Bytes<u64>) -> u64 {
    gaps.iter().map(|gap| gap.end.min(home.end).saturating_sub(gap.start.max(home.start))).max().unwrap_or(0)
}

/// Places in ascending order: how many follow each other at a grain from each first one on.
#[derive(Debug, Default)]
pub(crate) struct PlaceList {
    grain: u64,
    runs: Vec<(u64, u64)>,
}

impl PlaceList {
    pub(crate) fn count(&self) -> u64 {
        self.runs.iter().map(|(_, count)| count).sum()
    }

    /// Places with their numbers: the first and last ones of each run.
    pub(crate) fn some(&self) -> Vec<(u64, u64)> {
        let mut some = vec![];
        let mut before = 0;
        for &(first, count) in &self.runs {
            let indices = (0..count.min(8)).chain(count.saturating_sub(8).max(8)..count);
            some.extend(indices.map(|index| (before + index, first + index * self.grain)));
            before += count;
        }
        some
    }
}

/// The requirements of a policy on a mode, on a machine.
#[derive(Debug)]
pub(crate) struct Model {
    mode: Mode,
    machine: Machine,
    /// The space outside the windows.
    gaps: Vec<Bytes<u64>>,
    all: Bytes<u64>,
    /// The start of the kernel zone.
    zone: u64,
    below: u64,
    image_room: u64,
    stacks: u64,
    total: u64,
    grain: u64,
}

impl Model {
    pub(crate) fn of(machine: &Machine) -> Self {
        let (mode, mode_policy) = (machine.mode, &machine.mode_policy);
        let half = mode.half_size();
        let all = 0..half - GUARD;
        let at = |range: &VirtRange| {
            let start = range.start().get() - upper_half(mode);
            start..start + range.size()
        };
        let gaps =
            mode_policy.windows.iter().map(at).fold(vec![all.clone()], |gaps, own| without(&gaps, &own));
        let unit = if mode == Mode::Sv39 { GIB } else { 512 * GIB };
        let for_ram = match mode_policy.ram_limit {
            0 => 0,
            limit => (limit + unit).div_ceil(unit) * unit,
        };
        let zone = for_ram.max(half / 8 * 5).min(half);
        let stack_grain = if machine.has_svnapot() && mode_policy.stack_size >= 65536 { 65536 } else { 4096 };
        let stride = (mode_policy.stack_size + 65536).next_multiple_of(stack_grain);
        let stacks = (machine.landing_harts() * stride).next_multiple_of(2 * MIB);
        let image = &machine.image;
        let largest = image.parts.text.max(image.parts.constants).max(image.parts.data);
        let (below, image_room, grain) = match mode_policy.placement {
            Placement::OwnRegion => {
                let grain = if largest >= GIB && mode_policy.kernel_pin.is_none() { GIB } else { 2 * MIB };
                let near = if mode_policy.near_size == 0 { 0 } else { mode_policy.near_size + GUARD };
                (near.next_multiple_of(grain), (image.size() + grain).next_multiple_of(2 * MIB), grain)
            }
            _ => (0, 0, 2 * MIB),
        };
        let guard = if image_room == 0 { 0 } else { GUARD };
        let total = below + image_room + guard + stacks;
        Self { mode, machine: machine.clone(), gaps, all, zone, below, image_room, stacks, total, grain }
    }

    fn absolute(&self, at: u64) -> u64 {
        upper_half(self.mode) + at
    }

    /// The pinned kernel's window.
    fn pinned_window(&self) -> Option<Bytes<u64>> {
        let start = self.machine.mode_policy.kernel_pin?.get() - upper_half(self.mode) - self.below;
        Some(start..start + self.total)
    }

    /// From the lowest to the highest byte that is mapped within a reach.
    fn span(&self, reach: &Bytes<u64>) -> Option<Bytes<u64>> {
        let mut pieces = self.machine.pieces(reach);
        pieces.retain(|piece| self.machine.must_map(piece, reach));
        Some(pieces.first()?.start..pieces.last()?.end)
    }

    fn lowest(&self) -> u64 {
        self.machine.reach().start
    }

    /// All offsets that a map without a pin can have, ascending: each multiple of the grain is
    /// tried.
    pub(crate) fn linear_offsets(&self) -> Vec<u64> {
        let Some(span) = self.span(&self.machine.reach()) else { return vec![] };
        let facts = self.machine.facts();
        let has_huge_leaf = landfall_plan::memory::RamRanges::mappable(
            &facts,
            facts.ram.as_slice()[0].start().wrapping_add(1 << 55),
        )
        .any(|run| run.start().get().next_multiple_of(1 << 48) + (1 << 48) <= run.end().get());
        let grain = match self.mode {
            Mode::Sv39 => GIB,
            Mode::Sv57 if has_huge_leaf => 1 << 48,
            _ => 512 * GIB,
        };
        let first = self.lowest() / grain * grain;
        let fits = |base: &u64| {
            let map = base + (span.start - first)..base + (span.end - first);
            match self.pinned_window() {
                None => map.end <= self.zone && holds(&self.gaps, &map),
                Some(window) => {
                    let gaps = without(&self.gaps, &window);
                    let rest = without(&gaps, &map);
                    holds(&gaps, &map)
                        && map.end <= window.start
                        && largest(&rest, &self.all) >= self.machine.mode_policy.dynamic_size
                        && has_border(self.absolute(map.end), self.absolute(window.start))
                }
            }
        };
        let bases = (0..self.mode.half_size() / grain).map(|n| n * grain).filter(fits);
        let mut offsets: Vec<u64> = bases.map(|base| self.absolute(base).wrapping_sub(first)).collect();
        offsets.sort_unstable();
        offsets
    }

    pub(crate) fn grain(&self) -> u64 {
        self.grain
    }

    /// Returns the size of the dynamic region. It is the requested one, or a sixteenth of the
    /// kernel zone if nothing is pinned or kept free and the rest takes no quarter.
    fn dynamic(&self) -> u64 {
        let mode_policy = &self.machine.mode_policy;
        let is_free = mode_policy.linear_pin.is_none()
            && mode_policy.kernel_pin.is_none()
            && mode_policy.windows.is_empty();
        let zone = self.mode.half_size() - self.zone;
        if is_free && self.total <= zone / 4 {
            mode_policy.dynamic_size.max(zone / 16)
        } else {
            mode_policy.dynamic_size
        }
    }

    /// Returns the places for the dynamic region.
    fn dynamic_home(&self) -> Bytes<u64> {
        let mode_policy = &self.machine.mode_policy;
        let is_free = mode_policy.linear_pin.is_none() && mode_policy.kernel_pin.is_none();
        if is_free { self.zone + GUARD..self.all.end } else { self.all.clone() }
    }

    /// All places that a kernel without a pin can have, beside a linear map that ends at `map`, an
    /// absolute address.
    pub(crate) fn kernel_places(&self, map: Bytes<u64>) -> PlaceList {
        let map = self.relative(&map);
        let is_free = self.machine.mode_policy.linear_pin.is_none();
        let home = if is_free { self.zone + GUARD..self.all.end } else { self.all.clone() };
        let gaps = without(&self.gaps, &map);
        let dynamic = self.dynamic();
        let fits = |start: u64| {
            let window = start..start + self.total;
            window.start >= home.start.max(map.end)
                && holds(&gaps, &window)
                && largest(&without(&gaps, &window), &home) >= dynamic
                && has_border(self.absolute(map.end), self.absolute(start))
        };
        let takes = [0, self.total, GUARD + dynamic, self.total + GUARD + dynamic];
        let mut list = self.places(&gaps, &home, &takes, self.grain, map.end, fits);
        list.runs.iter_mut().for_each(|(first, _)| *first += self.below);
        list
    }

    /// Returns the space beside linear map, image and near region.
    pub(crate) fn beside(&self, map: &Bytes<u64>, kernel: u64, near: &Bytes<u64>) -> Vec<Bytes<u64>> {
        let gaps = self.beside_image(map, kernel);
        if near.is_empty() {
            return gaps;
        }
        // A near region that has no place of its own takes all of the room below the image.
        let room = kernel - upper_half(self.mode) - self.below;
        let has_own = self.near_places(map, kernel).count() != 0;
        without(&gaps, &if has_own { self.relative(near) } else { room..room + self.below })
    }

    /// Returns the space beside a linear map that holds the kernel.
    pub(crate) fn alone(&self, map: &Bytes<u64>) -> Vec<Bytes<u64>> {
        without(&self.gaps, &self.relative(map))
    }

    fn beside_image(&self, map: &Bytes<u64>, kernel: u64) -> Vec<Bytes<u64>> {
        let at = kernel - upper_half(self.mode);
        without(&self.alone(map), &(at..at + self.image_room))
    }

    /// Returns the places for near region and stacks, beside a linear map and a kernel.
    fn first_of_own(&self, map: &Bytes<u64>, kernel: u64) -> u64 {
        let mode_policy = &self.machine.mode_policy;
        if mode_policy.linear_pin.is_none() && mode_policy.kernel_pin.is_none() {
            return self.zone + GUARD;
        }
        let end = self.relative(map).end;
        // The first address from which on two instructions make a border below any other.
        let below_end = (self.mode.half_size() - end) - 1;
        let unit = 1 << (64 - below_end.leading_zeros()).saturating_sub(19).max(12);
        let window =
            if self.image_room == 0 { u64::MAX } else { kernel - upper_half(self.mode) - self.below };
        end.next_multiple_of(unit).min(window)
    }

    /// All places of the near region: within reach of every byte of the image's room, and beside
    /// the stacks' place behind it.
    pub(crate) fn near_places(&self, map: &Bytes<u64>, kernel: u64) -> PlaceList {
        let (near, dynamic) = (self.machine.mode_policy.near_size, self.dynamic());
        let at = kernel - upper_half(self.mode);
        let stacks = at + self.image_room + GUARD;
        let gaps = without(&self.beside_image(map, kernel), &(stacks..stacks + self.stacks));
        let first = self.first_of_own(map, kernel);
        let reach = 2 * GIB - 2 * MIB;
        let home = (at + self.image_room).saturating_sub(reach).max(first)..at + reach;
        let fits = |start: u64| {
            let range = start..start + near;
            home.start <= range.start
                && range.end <= home.end
                && holds(&gaps, &range)
                && largest(&without(&gaps, &range), &self.dynamic_home()) >= dynamic
        };
        let takes = [0, near, GUARD + dynamic, near + GUARD + dynamic];
        self.places(&gaps, &home, &takes, 2 * MIB, first, fits)
    }

    /// All places of the stacks in `gaps`.
    pub(crate) fn stacks_places(&self, gaps: &[Bytes<u64>], map: &Bytes<u64>, kernel: u64) -> PlaceList {
        let dynamic = self.dynamic();
        let first = self.first_of_own(map, kernel);
        let fits = |start: u64| {
            let range = start..start + self.stacks;
            first <= start
                && holds(gaps, &range)
                && largest(&without(gaps, &range), &self.dynamic_home()) >= dynamic
        };
        let takes = [0, self.stacks, GUARD + dynamic, self.stacks + GUARD + dynamic];
        self.places(gaps, &(first..self.all.end), &takes, 2 * MIB, first, fits)
    }

    /// All places of the dynamic region in `gaps`, beside stacks.
    pub(crate) fn dynamic_places(&self, gaps: &[Bytes<u64>], stacks: u64, size: u64) -> PlaceList {
        assert_eq!(size, self.dynamic());
        let at = stacks - upper_half(self.mode);
        let (gaps, home) = (without(gaps, &(at..at + self.stacks)), self.dynamic_home());
        let fits = |start: u64| {
            home.start <= start && start + size <= home.end && holds(&gaps, &(start..start + size))
        };
        self.places(&gaps, &home, &[0, size], 2 * MIB, home.start, fits)
    }

    fn relative(&self, range: &Bytes<u64>) -> Bytes<u64> {
        range.start - upper_half(self.mode)..range.end - upper_half(self.mode)
    }

    /// All places that fit, found by trying one of each stretch in which nothing changes.
    fn places(
        &self,
        gaps: &[Bytes<u64>],
        home: &Bytes<u64>,
        takes: &[u64],
        grain: u64,
        border: u64,
        fits: impl Fn(u64) -> bool,
    ) -> PlaceList {
        // Between these nothing changes: the ends of gaps, and as much before or behind as
        // something takes.
        let dynamic = self.dynamic_home();
        let ends: Vec<u64> =
            gaps.iter().chain([home, &dynamic]).flat_map(|gap| [gap.start, gap.end]).collect();
        let mut cuts: Vec<u64> = ends
            .iter()
            .flat_map(|end| {
                takes.iter().flat_map(move |take| [end.saturating_sub(*take), end.saturating_add(*take)])
            })
            .chain((12..57).map(|zeros| border.next_multiple_of(1 << zeros)))
            .filter(|cut| *cut <= self.all.end)
            .flat_map(|cut| [cut / grain * grain, cut.div_ceil(grain) * grain])
            .flat_map(|cut| [cut, cut + grain])
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        let stretches = cuts.windows(2).filter(|pair| fits(pair[0]));
        let runs = stretches.map(|pair| (self.absolute(pair[0]), (pair[1] - pair[0]) / grain)).collect();
        PlaceList { grain, runs }
    }

    /// Returns true if there is an arrangement of all RAM within the mode's reach. For a pinned map
    /// it is the RAM that leaves enough for the rest.
    pub(crate) fn has_arrangement(&self) -> bool {
        let mode_policy = &self.machine.mode_policy;
        if self.pinned_window().is_some_and(|window| !holds(&self.gaps, &window)) {
            return false;
        }
        let Some(pin) = mode_policy.linear_pin else {
            // Without pins, the kernel's places do not depend on the map's.
            let zone = self.absolute(self.zone);
            return !self.linear_offsets().is_empty()
                && (mode_policy.kernel_pin.is_some() || self.kernel_places(zone - 1..zone).count() != 0);
        };
        let offset = match pin {
            LinearPin::Offset(offset) => offset,
            LinearPin::Base(base) => base.get().wrapping_sub(self.lowest() / GIB * GIB),
            _ => unreachable!("there are two kinds of pins"),
        };
        let is_round = (12..64).any(|zeros| {
            let number = offset.cast_signed() >> zeros;
            (number << zeros).cast_unsigned() == offset && (-(1 << 19)..1 << 19).contains(&number)
        });
        let gaps = self.pinned_window().map_or(self.gaps.clone(), |window| without(&self.gaps, &window));
        let at = self.lowest().wrapping_add(offset).wrapping_sub(upper_half(self.mode));
        let Some(gap) = gaps.iter().find(|gap| gap.contains(&at)).filter(|_| is_round) else { return false };
        let window = self.total + self.grain + 2 * GUARD;
        // The map may end at a round address below the kernel.
        let kernel = self.pinned_window().map(|window| window.start);
        let borders = (12..57).filter_map(|zeros| ((kernel? >> zeros) << zeros).checked_sub(at));
        [0, window, mode_policy.dynamic_size + 2 * GUARD, window + mode_policy.dynamic_size + 2 * GUARD]
            .into_iter()
            .map(|left| (gap.end - at).saturating_sub(left))
            .chain(borders)
            .any(|room| {
                let room = room.min(gap.end - at);
                let reach = self.machine.reach();
                let reach = reach.start..reach.end.min(reach.start.saturating_add(room));
                let Some(span) = self.span(&reach) else { return false };
                let map = span.start.wrapping_add(offset)..span.end.wrapping_add(offset);
                let Some(kernel) = self.pinned_window() else { return self.kernel_places(map).count() != 0 };
                let rest =
                    without(&gaps, &(map.start - upper_half(self.mode)..map.end - upper_half(self.mode)));
                self.absolute(kernel.start) >= map.end
                    && largest(&rest, &self.all) >= mode_policy.dynamic_size
                    && has_border(map.end, self.absolute(kernel.start))
            })
    }
}
