//! Counts leaves and tables without building any: from the root down, block by block, as one would
//! by hand.

use std::ops::Range as Bytes;

use landfall_paging::Mode;
use landfall_plan::Plan;
use landfall_plan::facts::{ImageFacts, PlacedImage};
use landfall_plan::policy::{Alias, Placement};

use crate::machine::{Machine, bytes, is_in};

const PAGE: u64 = 4096;

/// Leaves, then table pages: less is better in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cost {
    pub(crate) leaves: u64,
    pub(crate) tables: u64,
}

/// Pages that are mapped alike: virtual addresses, and what to add to get the physical one.
#[derive(Clone, Debug)]
struct Stretch {
    virt: Bytes<u64>,
    to_phys: u64,
}

/// The mappings of a landing, without the image's place in physical memory.
#[derive(Clone, Debug)]
pub(crate) struct Counter {
    levels: u32,
    napot: bool,
    placement: Placement,
    alias: Alias,
    image: PlacedImage,
    /// The span of the linear map, in ascending runs.
    runs: Vec<Bytes<u64>>,
    offset: u64,
    /// The start of a kernel at a multiple of 2 MiB.
    kernel: u64,
    stack_size: u64,
    harts: u64,
    /// The start of the first stack's guard.
    stacks: u64,
}

impl Counter {
    pub(crate) fn of(machine: &Machine, plan: &Plan) -> Self {
        let reach = bytes(plan.linear.reach);
        let mut runs: Vec<Bytes<u64>> = vec![];
        let nodes = machine.ram.iter().chain(&machine.no_map).chain([&reach]);
        let mut cuts: Vec<u64> = nodes.flat_map(|range| [range.start, range.end]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        for piece in cuts.windows(2).map(|pair| pair[0]..pair[1]) {
            if !is_in(&machine.ram, &piece)
                || is_in(&machine.no_map, &piece)
                || !is_in(std::slice::from_ref(&reach), &piece)
            {
                continue;
            }
            match runs.last_mut() {
                Some(last) if last.end == piece.start => last.end = piece.end,
                _ => runs.push(piece),
            }
        }
        Self {
            levels: match machine.mode {
                Mode::Sv39 => 3,
                Mode::Sv48 => 4,
                Mode::Sv57 => 5,
            },
            napot: machine.has_svnapot(),
            placement: machine.mode_policy.placement,
            alias: machine.mode_policy.alias,
            image: machine.image,
            runs,
            offset: plan.linear.offset,
            kernel: plan.image.virt.get() - plan.image.phys.base.get() % (2 << 20),
            stack_size: machine.mode_policy.stack_size,
            harts: machine.landing_harts(),
            stacks: plan.stacks.virt.get(),
        }
    }

    /// With the linear map at another offset, and the kernel's own mapping elsewhere.
    pub(crate) fn elsewhere(&self, offset: u64, kernel: u64) -> Self {
        Self { offset, kernel, ..self.clone() }
    }

    /// Returns the total cost with the image at `base`.
    pub(crate) fn cost(&self, base: u64) -> Cost {
        let mut cost = Cost { leaves: 0, tables: 1 };
        let mut last = [u64::MAX; 5];
        let mut count = |stretch: Stretch| self.count(&stretch, &mut cost, &mut last);
        self.linear(base, &mut count);
        self.kernel(base, &mut count);
        cost
    }

    fn linear(&self, base: u64, count: &mut impl FnMut(Stretch)) {
        let ImageFacts { text, constants, .. } = self.image.parts;
        let cuts = match self.placement {
            Placement::OwnRegion => [base, base, base + text + constants],
            _ => [base, base + text, base + text + constants],
        };
        let hidden = self.placement == Placement::OwnRegion && self.alias == Alias::Absent;
        for run in &self.runs {
            let mut at = run.start;
            for end in cuts.into_iter().chain([run.end]) {
                let end = end.clamp(at, run.end);
                let is_hidden = hidden && at >= base && end <= base + text + constants;
                if at < end && !is_hidden {
                    let virt = at.wrapping_add(self.offset)..end.wrapping_add(self.offset);
                    count(Stretch { virt, to_phys: self.offset.wrapping_neg() });
                }
                at = end;
            }
        }
    }

    fn kernel(&self, base: u64, count: &mut impl FnMut(Stretch)) {
        if self.stacks < self.kernel {
            self.stacks(count);
        }
        let ImageFacts { text, constants, early, data, .. } = self.image.parts;
        if self.placement == Placement::OwnRegion {
            let virt = self.kernel + base % (2 << 20);
            let to_phys = base.wrapping_sub(virt);
            let (read_only, writable) = (text + constants, text + constants + early);
            for part in [0..text, text..read_only, writable..writable + data] {
                if !part.is_empty() {
                    count(Stretch { virt: virt + part.start..virt + part.end, to_phys });
                }
            }
        }
        if self.stacks >= self.kernel {
            self.stacks(count);
        }
    }

    fn stacks(&self, count: &mut impl FnMut(Stretch)) {
        let grain = if self.napot && self.stack_size >= 65536 { 65536 } else { PAGE };
        for index in 0..self.harts {
            let bottom = self.stacks + 65536 + index * (self.stack_size + 65536).next_multiple_of(grain);
            // Their memory lies at a multiple of the grain, too.
            count(Stretch { virt: bottom..bottom + self.stack_size, to_phys: 0_u64.wrapping_sub(bottom) });
        }
    }

    /// Counts a stretch, the stretches being ascending. `last` is the last table of each level.
    fn count(&self, stretch: &Stretch, cost: &mut Cost, last: &mut [u64; 5]) {
        self.count_blocks(self.levels - 1, stretch, stretch.virt.clone(), cost, last);
    }

    fn count_blocks(
        &self,
        level: u32,
        stretch: &Stretch,
        part: Bytes<u64>,
        cost: &mut Cost,
        last: &mut [u64; 5],
    ) {
        if level == 0 {
            cost.leaves +=
                if self.napot { napot_leaves(stretch, part) } else { (part.end - part.start) / PAGE };
            return;
        }
        let size = PAGE << (9 * level);
        let mut at = part.start;
        while at < part.end {
            let block = at & !(size - 1);
            let end = part.end.min(block.saturating_add(size));
            if end - at == size && block.wrapping_add(stretch.to_phys) & (size - 1) == 0 {
                cost.leaves += 1;
            } else {
                if last[level as usize] != block {
                    cost.tables += 1;
                    last[level as usize] = block;
                }
                self.count_blocks(level - 1, stretch, at..end, cost, last);
            }
            at = end;
        }
    }
}

/// Leaves of a part of one table of level 0, with Svnapot.
fn napot_leaves(stretch: &Stretch, part: Bytes<u64>) -> u64 {
    let (mut leaves, mut at) = (0, part.start);
    while at < part.end {
        let together = at.is_multiple_of(65536)
            && part.end - at >= 65536
            && at.wrapping_add(stretch.to_phys).is_multiple_of(65536);
        at += if together { 65536 } else { PAGE };
        leaves += 1;
    }
    leaves
}
