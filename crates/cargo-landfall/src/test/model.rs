//! What a landing's tables must map: written from the documents, page by page of RAM and segment by segment of the kernel. It shares nothing
//! with the planner and the mapper but the sentences that describe them.

use std::collections::BTreeMap;

use landfall_oracle::model::{Span, Spans};
use landfall_oracle::walk::{Root, Walk};
use landfall_oracle::{Leaf, Permission};

use super::devicetree::Tree;
use super::image::{Image, Use};
use super::intervals::{Interval, union};
use super::session::Entry;

const PAGE: u64 = 4096;
const GIB: u64 = 1 << 30;

/// A mode's address space (crate landfall-plan, module `layout`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Space {
    /// Bytes of the upper half.
    half: u64,
    /// Bytes of memory that the linear map reaches: 128 GiB, 64 TiB, 32 PiB.
    pub(super) reach: u64,
    /// The unit of the linear map's offset.
    pub(super) grain: u64,
    largest_leaf: u64,
}

impl Space {
    pub(super) fn of(root: Root) -> Self {
        let half = 1 << (root.virtual_bits() - 1);
        let grain = if root.levels == 3 { GIB } else { 512 * GIB };
        Self { half, reach: half / 2, grain, largest_leaf: PAGE << (9 * (root.levels - 1)) }
    }

    /// Where the linear map may lie.
    pub(super) fn linear_zone(self) -> Interval {
        Interval { start: self.half.wrapping_neg(), end: self.kernel_zone() }
    }

    /// Where the kernel's zone begins, which reaches to the end of the address space.
    pub(super) fn kernel_zone(self) -> u64 {
        self.half.wrapping_neg() + self.half / 8 * 5
    }
}

/// What a landing should have made, by what the machine is and where the landing put it.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    /// The kernel's first virtual address.
    pub(super) kernel: u64,
    /// Virtual minus physical address in the linear map.
    pub(super) offset: u64,
    /// Physical memory that is mapped.
    pub(super) mapped: Vec<Interval>,
    /// The tops of the stacks, in order.
    pub(super) stacks: Vec<u64>,
    leaves: Vec<(u64, u64, u64, Permission)>,
    /// What was wrong already.
    findings: Vec<String>,
}

/// Leaves by their size.
pub(super) type Histogram = BTreeMap<u64, u64>;

impl Expected {
    /// The only two numbers that the tables themselves are asked for are the two random ones: where the kernel and the linear map are.
    pub(super) fn new(
        image: &Image,
        tree: &Tree,
        entry: &Entry,
        root: Root,
        walk: &Walk,
        read: &mut dyn FnMut(u64) -> u64,
    ) -> Result<Self, String> {
        let base = entry.base;
        let space = Space::of(root);
        let holds = |leaf: &&Leaf| leaf.flags.x() && leaf.phys <= base && base < leaf.phys + leaf.size;
        let text = walk.leaves.iter().find(holds).ok_or("the kernel's text is mapped nowhere")?;
        let kernel = text.virt + (base - text.phys);
        let linear = walk.leaves.iter().find(|leaf| leaf.virt < space.kernel_zone());
        let linear = linear.ok_or("there is no linear map")?;
        let offset = linear.virt.wrapping_sub(linear.phys);
        let mapped = tree.mappable(space.reach);
        let mut findings = Vec::new();
        let mut spans = linear_map(image, base, &mapped, offset);
        spans.extend(kernel_image(image, base, kernel));
        let mut stacks = Vec::new();
        let (size, first) = (image.stack_size(), kernel + image.size);
        let count = if image_starts_all(image) {
            tree.landing_harts(root.levels, entry.hart).len() as u64
        } else {
            1
        };
        for index in 0..count {
            let virt = first + PAGE + index * (size + PAGE);
            match root.translate(virt, &mut *read) {
                Ok(hit) => {
                    spans.push(Span { virt, phys: hit.phys, size, permission: Permission::READ_WRITE });
                }
                Err(miss) => findings.push(format!("the stack at {virt:#x} is not mapped: {miss:?}")),
            }
            stacks.push(virt + size);
        }
        let mut expected = Self { kernel, offset, mapped, stacks, leaves: Vec::new(), findings };
        expected.check_places(space, image, base);
        expected.check_stack_memory(image, tree, base, &spans, walk);
        let spans =
            Spans::of(spans).map_err(|twice| format!("{:#x} would have to be mapped twice", twice.virt))?;
        expected.leaves =
            spans.as_slice().iter().flat_map(|span| largest_leaves(*span, space.largest_leaf)).collect();
        Ok(expected)
    }

    fn check_places(&mut self, space: Space, image: &Image, base: u64) {
        let zone = space.kernel_zone();
        let mut check = |holds: bool, what: &str| {
            if !holds {
                self.findings
                    .push(format!("{what}: kernel {:#x}, linear map offset {:#x}", self.kernel, self.offset));
            }
        };
        check(self.kernel >= zone, "the kernel is not in its zone");
        check(self.kernel % (2 << 20) == base % (2 << 20), "the kernel has lost its place within 2 MiB");
        check(self.offset.is_multiple_of(space.grain), "the linear map's offset is no multiple of its unit");
        check(
            self.kernel.checked_add(image.size).is_some(),
            "the kernel goes round the end of the address space",
        );
    }

    /// Stacks and tables lie in memory that is mapped, and that is nobody else's.
    fn check_stack_memory(&mut self, image: &Image, tree: &Tree, base: u64, spans: &[Span], walk: &Walk) {
        let stacks = spans.iter().skip_while(|span| span.virt < self.kernel + image.size);
        let stacks = stacks.map(|span| ("a stack", Interval::new(span.phys, span.size)));
        let tables = walk.tables.iter().map(|table| ("a table", Interval::new(*table, PAGE)));
        let taken: Vec<_> = stacks.chain(tables).collect();
        let kept = image.segments.iter().filter(|segment| segment.use_for != Use::Early);
        let kept = kept.map(|segment| ("the kernel", Interval::new(base + segment.offset, segment.size)));
        let reserved = tree.reserved.iter().map(|range| ("reserved memory", *range));
        let others: Vec<_> = kept.chain(reserved).collect();
        for (what, range) in &taken {
            if !self.mapped.iter().any(|mapped| mapped.holds(*range)) {
                self.findings.push(format!("{what} at {:#x} is not in mapped memory", range.start));
            }
            for (other, _) in others.iter().filter(|(_, other)| other.overlaps(*range)) {
                self.findings.push(format!("{what} at {:#x} lies over {other}", range.start));
            }
        }
        let total: u64 = taken.iter().map(|(_, range)| range.size()).sum();
        if union(taken.iter().map(|(_, range)| *range)).into_iter().map(Interval::size).sum::<u64>() != total
        {
            self.findings.push("stacks and tables lie over each other".to_owned());
        }
    }

    /// What of the walk is not as it should be. Leaves must be the same one by one, so each page is mapped exactly once, as it should be, by the
    /// largest leaves there are, and nothing else is.
    pub(super) fn check(&self, walk: &Walk) -> Vec<String> {
        let mut findings = self.findings.clone();
        let permission = |leaf: &Leaf| (leaf.virt, leaf.phys, leaf.size, leaf.flags.permission());
        let found: Vec<_> = walk.leaves.iter().map(permission).collect();
        let describe = |(virt, phys, size, permission): (u64, u64, u64, Permission)| {
            format!("{virt:#x} -> {phys:#x}, {size:#x} bytes, {permission:?}")
        };
        let absent = self.leaves.iter().filter(|leaf| {
            found.binary_search_by_key(&leaf.0, |found| found.0).map_or(true, |index| found[index] != **leaf)
        });
        findings.extend(absent.take(3).map(|leaf| format!("this leaf should be there: {}", describe(*leaf))));
        let extra = found.iter().filter(|leaf| {
            self.leaves
                .binary_search_by_key(&leaf.0, |own| own.0)
                .map_or(true, |index| self.leaves[index] != **leaf)
        });
        findings
            .extend(extra.take(3).map(|leaf| format!("this leaf should not be there: {}", describe(*leaf))));
        if found.len() != self.leaves.len() {
            findings.push(format!(
                "there are {} leaves, and there should be {}",
                found.len(),
                self.leaves.len()
            ));
        }
        findings
    }

    /// The leaves below and from `border` on, by size.
    pub(super) fn histograms(&self, border: u64) -> [Histogram; 2] {
        let mut histograms = [Histogram::new(), Histogram::new()];
        for (virt, _, size, _) in &self.leaves {
            *histograms[usize::from(*virt >= border)].entry(*size).or_default() += 1;
        }
        histograms
    }
}

/// Whether the kernel has a function for other harts: policy record, byte 8.
pub(super) fn image_starts_all(image: &Image) -> bool {
    image.flat.get(image.policy() + 8) == Some(&0)
}

/// All memory that may be mapped, the kernel's text and constants read-only.
fn linear_map(image: &Image, base: u64, mapped: &[Interval], offset: u64) -> Vec<Span> {
    let border = [base, base + image.read_only()];
    let mut spans = Vec::new();
    for range in mapped {
        let cuts = [
            range.start,
            border[0].clamp(range.start, range.end),
            border[1].clamp(range.start, range.end),
            range.end,
        ];
        let permissions = [Permission::READ_WRITE, Permission::READ, Permission::READ_WRITE];
        for (cut, permission) in cuts.windows(2).zip(permissions) {
            spans.push(Span {
                virt: cut[0].wrapping_add(offset),
                phys: cut[0],
                size: cut[1] - cut[0],
                permission,
            });
        }
    }
    spans
}

/// The segments, but for what only the landing uses.
fn kernel_image(image: &Image, base: u64, kernel: u64) -> Vec<Span> {
    let permission = |use_for| match use_for {
        Use::Text => Some(Permission::READ_EXECUTE),
        Use::Constants => Some(Permission::READ),
        Use::Data => Some(Permission::READ_WRITE),
        Use::Early => None,
    };
    let span = |segment: &super::image::Segment| {
        let permission = permission(segment.use_for)?;
        Some(Span {
            virt: kernel + segment.offset,
            phys: base + segment.offset,
            size: segment.size,
            permission,
        })
    };
    image.segments.iter().filter_map(span).collect()
}

/// The fewest leaves that map a span.
fn largest_leaves(span: Span, largest: u64) -> Vec<(u64, u64, u64, Permission)> {
    let (mut virt, mut phys, mut left) = (span.virt, span.phys, span.size);
    let mut leaves = Vec::new();
    while left != 0 {
        let mut size = largest;
        while size > left || !(virt | phys).is_multiple_of(size) {
            size /= 512;
        }
        leaves.push((virt, phys, size, span.permission));
        (virt, phys, left) = (virt.wrapping_add(size), phys + size, left - size);
    }
    leaves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_are_as_large_as_both_addresses_allow() {
        let span = Span { virt: 0x1f_f000, phys: 0x3f_f000, size: 0x20_2000, permission: Permission::READ };
        let sizes = |largest| largest_leaves(span, largest).iter().map(|leaf| leaf.2).collect::<Vec<_>>();
        assert_eq!(sizes(GIB), [0x1000, 0x20_0000, 0x1000]);
        assert_eq!(sizes(PAGE).len(), 0x202);
    }
}
