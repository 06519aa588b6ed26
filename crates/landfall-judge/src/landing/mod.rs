//! The required mappings of a landing's tables, written from the documents. It goes page by page of
//! RAM and segment by segment of the kernel. It shares only the documents with the planner and the
//! mapper.
//!
//! ```text
//! space     what a mode has: zones, reach, grains
//! spans     what each part of the address space must hold
//! places    whether random and fixed places are where they may be
//! leaves    the fewest leaves for all that
//! packing   whether another place in memory would take fewer
//! ```
//!
//! ```
//! use landfall_judge::Unreadable;
//! use landfall_judge::landing::{Expected, Seen};
//!
//! /// Returns the faults of a landing. `word` reads the machine's physical memory.
//! fn judge(seen: &Seen<'_>, word: &mut dyn FnMut(u64) -> u64) -> Result<Vec<String>, Unreadable> {
//!     let expected = Expected::new(seen, word)?;
//!     println!("the kernel runs at {:#x}", expected.kernel);
//!     Ok(expected.check(&seen.tables.walk))
//! }
//! ```

mod leaves;
mod packing;
mod places;
mod space;
mod spans;

use std::collections::BTreeMap;

use crate::model::{Span, Spans};
use crate::walk::Walk;
use crate::{Extensions, Leaf, Permission};

use crate::image::Image;
use crate::intervals::Interval;
use crate::policy::{ModePolicy, Placement};
use crate::tables::Tables;
use crate::tree::Tree;
use crate::unreadable::Unreadable;

pub use space::Space;

const PAGE: u64 = 4096;
const LARGE_PAGE: u64 = 2 << 20;
const GIB: u64 = 1 << 30;
/// Bytes below each stack that are not mapped.
const STACK_GUARD: u64 = 64 << 10;

/// A leaf: virtual and physical address, size, permission.
type LeafModel = (u64, u64, u64, Permission);

/// Leaves by their size.
pub type Histogram = BTreeMap<u64, u64>;

/// The data for judging a landing.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The kernel.
    pub image: &'a Image,
    /// Its policy.
    pub policy: &'a ModePolicy,
    /// The machine.
    pub tree: &'a Tree,
    /// The place of the tree.
    pub tree_at: u64,
    /// The place of the image as it lands.
    pub base: u64,
    /// Harts that are to land, the boot hart first.
    pub harts: &'a [u64],
    /// The tables.
    pub tables: &'a Tables,
}

/// The expected result of a landing, from the machine's facts and the landing's places.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The kernel's first virtual address.
    pub kernel: u64,
    /// Virtual minus physical address in the linear map.
    pub offset: u64,
    /// Physical memory that the linear map spans.
    pub mapped: Vec<Interval>,
    /// The tops of the stacks, in order.
    pub stacks: Vec<u64>,
    /// The end of the linear map: mappings from here on belong to other regions.
    pub border: u64,
    /// Physical memory of the stacks.
    pub stack_memory: Vec<Interval>,
    leaves: Vec<LeafModel>,
    /// The faults found so far.
    findings: Vec<String>,
}

impl Expected {
    /// Only the random numbers are read from the tables themselves: the places of the kernel, the
    /// linear map, the stacks and the stacks' memory.
    ///
    /// # Errors
    /// [`Unreadable`] names the input that cannot be read.
    pub fn new(seen: &Seen<'_>, read: &mut dyn FnMut(u64) -> u64) -> Result<Self, Unreadable> {
        let Seen { image, policy, tree, base, tables, .. } = *seen;
        let (root, walk) = (tables.root, &tables.walk);
        let space = Space::of(root, policy);
        let holds = |leaf: &&Leaf| leaf.flags.x() && leaf.phys <= base && base < leaf.phys + leaf.size;
        let text = walk.leaves.iter().find(holds).ok_or("the kernel's text is mapped nowhere")?;
        let kernel = text.virt + (base - text.phys);
        // Whatever is pinned, the linear map lies below everything else.
        let linear = walk.leaves.first().ok_or("there is no linear map")?;
        let offset = linear.virt.wrapping_sub(linear.phys);
        let mapped = tree.mappable(space.reach);
        let mut expected = Self {
            kernel,
            offset,
            mapped,
            stacks: Vec::new(),
            border: kernel,
            stack_memory: Vec::new(),
            leaves: Vec::new(),
            findings: Vec::new(),
        };
        let mut spans = spans::linear_map(seen, &expected.mapped, offset);
        if policy.placement == Placement::OwnRegion {
            spans.extend(spans::kernel_image(image, base, kernel));
        }
        let bottoms = expected.stack_bottoms(seen)?;
        expected.border =
            if policy.placement == Placement::OwnRegion { kernel.min(bottoms[0]) } else { bottoms[0] };
        for virt in bottoms {
            let size = policy.stack_size;
            match root.translate(virt, &mut *read) {
                Ok(hit) => {
                    spans.push(Span { virt, phys: hit.phys, size, permission: Permission::READ_WRITE });
                    expected.stack_memory.push(Interval::new(hit.phys, size));
                }
                Err(miss) => {
                    expected.findings.push(format!("the stack at {virt:#x} is not mapped: {miss:?}"));
                }
            }
            expected.stacks.push(virt + size);
        }
        expected.check_places(seen, space);
        expected.check_memory(seen);
        let spans =
            Spans::of(spans).map_err(|twice| format!("{:#x} would have to be mapped twice", twice.virt))?;
        let sizes = leaves::Sizes::of(root);
        expected.leaves = spans.as_slice().iter().flat_map(|span| sizes.fewest(*span)).collect();
        Ok(expected)
    }

    /// The stacks' first addresses: each has at least 64 KiB below that are not mapped. With leaves
    /// of 64 KiB a stack of that size or more begins at a multiple of it.
    fn stack_bottoms(&self, seen: &Seen<'_>) -> Result<Vec<u64>, Unreadable> {
        let Seen { image, policy, tables, .. } = *seen;
        let napot = tables.root.extensions == Extensions::Svnapot && policy.stack_size >= leaves::K64;
        let unit = if napot { leaves::K64 } else { PAGE };
        let end = self.mapped.last().map_or(0, |last| last.end).wrapping_add(self.offset);
        let own = match policy.placement {
            Placement::OwnRegion => Interval::new(self.kernel, image.size),
            Placement::LinearMap => Interval::new(end, 0),
        };
        let is_no_image = |leaf: &&Leaf| !own.overlaps(Interval::new(leaf.virt, leaf.size));
        let above = tables.walk.leaves.iter().filter(|leaf| leaf.virt >= end).find(is_no_image);
        let first = above.ok_or("there is no stack above the linear map")?.virt;
        let stride = (policy.stack_size + STACK_GUARD).next_multiple_of(unit);
        Ok((0..seen.harts.len() as u64).map(|index| first + index * stride).collect())
    }

    /// Returns the faults of the walk. Leaves must be the same one by one. So each page is mapped
    /// exactly once, correctly, by the largest leaves that fit, and nothing else is.
    #[must_use]
    pub fn check(&self, walk: &Walk) -> Vec<String> {
        let mut findings = self.findings.clone();
        let model = |leaf: &Leaf| (leaf.virt, leaf.phys, leaf.size, leaf.flags.permission());
        let found: Vec<_> = walk.leaves.iter().map(model).collect();
        let describe = |(virt, phys, size, permission): LeafModel| {
            format!("{virt:#x} -> {phys:#x}, {size:#x} bytes, {permission:?}")
        };
        let lacks = |set: &[LeafModel], leaf: &LeafModel| {
            set.binary_search_by_key(&leaf.0, |own| own.0).map_or(true, |index| set[index] != *leaf)
        };
        let absent = self.leaves.iter().filter(|leaf| lacks(&found, leaf));
        findings.extend(absent.take(3).map(|leaf| format!("this leaf should be there: {}", describe(*leaf))));
        let extra = found.iter().filter(|leaf| lacks(&self.leaves, leaf));
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

    /// The leaves of the linear map, and all others, by size.
    #[must_use]
    pub fn histograms(&self) -> [Histogram; 2] {
        let mut histograms = [Histogram::new(), Histogram::new()];
        for (virt, _, size, _) in &self.leaves {
            *histograms[usize::from(*virt >= self.border)].entry(*size).or_default() += 1;
        }
        histograms
    }

    /// Bytes that the linear map maps.
    #[must_use]
    pub fn linear_size(&self) -> u64 {
        let linear = self.leaves.iter().filter(|(virt, ..)| *virt < self.border);
        linear.map(|(_, _, size, _)| size).sum()
    }
}
