//! The places of all regions: pinned regions are at their pins, nothing is in a window, and nothing
//! overlaps.

use super::{Expected, GIB, LARGE_PAGE, PAGE, STACK_GUARD, Seen, Space};
use crate::image::Use;
use crate::intervals::{Interval, union};
use crate::policy::{LinearPin, Placement};

impl Expected {
    /// Virtual addresses.
    pub(super) fn check_places(&mut self, seen: &Seen<'_>, space: Space) {
        let Seen { image, policy, tree, base, tables, .. } = *seen;
        let (kernel, offset) = (self.kernel, self.offset);
        let lowest = self.mapped.first().map_or(0, |first| first.start);
        let end = self.mapped.last().map_or(0, |last| last.end);
        let map = Interval { start: lowest.wrapping_add(offset), end: end.wrapping_add(offset) };
        let [first, last] =
            [self.stacks.first(), self.stacks.last()].map(|top| top.copied().unwrap_or_default());
        let stacks = Interval { start: first - policy.stack_size - STACK_GUARD, end: last };
        let mut check = |holds: bool, what: &str| {
            if !holds {
                self.findings.push(format!("{what}: kernel {kernel:#x}, linear map offset {offset:#x}"));
            }
        };
        match policy.placement {
            Placement::OwnRegion => {
                check(map.end <= kernel, "the kernel is not above the linear map");
                let image = Interval { start: kernel - LARGE_PAGE, end: kernel + image.size + LARGE_PAGE };
                check(!image.overlaps(stacks), "the stacks are not 2 MiB from the image");
            }
            Placement::LinearMap => {
                check(kernel == base.wrapping_add(offset), "the kernel is not where the linear map has it");
            }
        }
        check(kernel % LARGE_PAGE == base % LARGE_PAGE, "the kernel has lost its place within 2 MiB");
        check(kernel.checked_add(image.size).is_some(), "the kernel goes round the end of the address space");
        match policy.kernel_pin {
            Some(pin) => check(kernel == pin + base % LARGE_PAGE, "the kernel is not where it is pinned"),
            None if policy.linear_pin.is_none() => {
                check(self.border >= space.kernel_zone, "the kernel, or a stack, is not in its zone");
            }
            None => {}
        }
        let is_right = match policy.linear_pin {
            Some(LinearPin::Offset(pin)) => offset == pin,
            Some(LinearPin::Base(pin)) => (tree.lowest() / GIB * GIB).wrapping_add(offset) == pin,
            None => offset.is_multiple_of(space.grain),
        };
        check(is_right, "the linear map is not where it is pinned, or its offset is no multiple of its unit");
        if policy.linear_pin.is_none() && policy.kernel_pin.is_none() {
            check(space.linear_zone().holds(map), "the linear map is not in its zone");
        }
        check(map.end <= stacks.start, "the stacks are not above the linear map");
        check(stacks.start.is_multiple_of(LARGE_PAGE), "the first stack does not begin behind a guard");
        for window in &policy.windows {
            let mapped = tables.walk.leaves.iter().filter(|leaf| {
                Interval { start: leaf.virt, end: leaf.virt.saturating_add(leaf.size) }.overlaps(*window)
            });
            let mapped = mapped.take(2).map(|leaf| format!("mapped in a window that must stay free: {leaf}"));
            self.findings.extend(mapped);
        }
    }

    /// Physical memory: stacks and tables lie in mapped memory without another owner.
    pub(super) fn check_memory(&mut self, seen: &Seen<'_>) {
        let Seen { image, tree, base, tables, .. } = *seen;
        let stacks = self.stack_memory.iter().map(|stack| ("a stack", *stack));
        let tables = tables.walk.tables.iter().map(|table| ("a table", Interval::new(*table, PAGE)));
        let taken: Vec<_> = stacks.chain(tables).collect();
        let kept = image.segments.iter().filter(|segment| segment.use_for != Use::Early);
        let kept = kept.map(|segment| ("the kernel", Interval::new(base + segment.offset, segment.size)));
        let reserved = tree.reserved.iter().map(|range| ("reserved memory or the initrd", *range));
        let tree = ("the device tree", Interval::new(seen.tree_at, tree.size));
        let foreign: Vec<_> = reserved.chain([tree]).collect();
        let others: Vec<_> = kept.chain(foreign.iter().copied()).collect();
        for (what, range) in &taken {
            if !self.mapped.iter().any(|mapped| mapped.holds(*range)) {
                self.findings.push(format!("{what} at {:#x} is not in mapped memory", range.start));
            }
            for (other, _) in others.iter().filter(|(_, other)| other.overlaps(*range)) {
                self.findings.push(format!("{what} at {:#x} lies over {other}", range.start));
            }
        }
        let total: u64 = taken.iter().map(|(_, range)| range.size()).sum();
        let own = union(taken.iter().map(|(_, range)| *range)).into_iter().map(Interval::size).sum::<u64>();
        if own != total {
            self.findings.push("stacks and tables lie over each other".to_owned());
        }
        let kernel = Interval::new(base, image.size);
        for (other, _) in foreign.iter().filter(|(_, range)| range.overlaps(kernel)) {
            self.findings.push(format!("the kernel at {base:#x} lies over {other}"));
        }
        if !self.mapped.iter().any(|mapped| mapped.holds(kernel)) {
            self.findings.push(format!("the kernel at {base:#x} is not in mapped memory"));
        }
    }
}
