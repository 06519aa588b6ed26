//! Counts the accesses of one boot, as they are and by other leaves.

use landfall_hart::tlb::{Access, Counts, Fence, Geometry, LeafSize, Model, Observer, PARTS, Walk};

use super::layout::{Boot, Other};

/// The end of the linear zone in sv39. Below it, an address of the upper half is linear.
const LINEAR_END: u64 = 0xffff_ffe8_0000_0000;
/// The place of tables that do not exist: no RAM is there.
const TABLES: u64 = 1 << 54;

/// Counts of one layout on one part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    pub(super) layout: &'static str,
    pub(super) part: &'static str,
    pub(super) counts: Counts,
}

/// The models of all parts, for the layouts of one boot.
#[derive(Debug)]
pub(super) struct Models {
    lanes: Vec<Lane>,
}

#[derive(Debug)]
struct Lane {
    layout: &'static str,
    part: &'static Geometry,
    /// The largest leaf of the linear map, if it is not as it is.
    largest: Option<LeafSize>,
    model: Model,
}

impl Models {
    pub(super) fn of(boot: &Boot, seed: u64, needs: &[LeafSize]) -> Self {
        let as_it_is = std::iter::once((boot.layout, None));
        let others = boot.others.iter().map(|Other { layout, largest }| (*layout, Some(*largest)));
        let layouts = as_it_is.chain(others);
        let lanes = layouts.flat_map(|(layout, largest)| {
            let parts = PARTS.iter().filter(|part| needs.iter().all(|leaf| part.holds(*leaf)));
            parts.map(move |part| Lane { layout, part, largest, model: Model::new(part, seed) })
        });
        Self { lanes: lanes.collect() }
    }

    pub(super) fn counted(&self) -> Vec<Counted> {
        let counted =
            |lane: &Lane| Counted { layout: lane.layout, part: lane.part.name, counts: lane.model.counts() };
        self.lanes.iter().map(counted).collect()
    }
}

impl Observer for Models {
    fn access(&mut self, _: usize, access: &Access) {
        for lane in &mut self.lanes {
            match lane.largest {
                Some(largest) => lane.model.access(&within(*access, largest)),
                None => lane.model.access(access),
            }
        }
    }

    fn fence(&mut self, _: usize, fence: Fence) {
        for lane in &mut self.lanes {
            lane.model.fence(fence);
        }
    }
}

/// Returns the access as it would be with no leaf of the linear map above a size.
fn within(access: Access, largest: LeafSize) -> Access {
    let (address, walk) = (access.address, access.walk);
    let is_linear = address >> 63 == 1 && address < LINEAR_END;
    if !is_linear || walk.leaf() <= largest {
        return access;
    }
    let (gigabyte, megabytes, page) = (address >> 30 & 0x1ff, address >> 21 & 0x1ff, address >> 12 & 0x1ff);
    let mut reads = walk.reads().to_vec();
    if reads.len() == 1 {
        reads.push(TABLES + (gigabyte << 12) + 8 * megabytes);
    }
    if largest < LeafSize::M2 {
        if reads.len() == 2 {
            reads.push(2 * TABLES + (gigabyte << 21) + (megabytes << 12) + 8 * page);
        }
        return Access { walk: Walk::new(&reads, LeafSize::K4, walk.is_global()), ..access };
    }
    Access { walk: Walk::new(&reads, LeafSize::M2, walk.is_global()), ..access }
}

#[cfg(test)]
mod tests {
    use landfall_hart::tlb::Kind;

    use super::*;

    fn access(address: u64, reads: &[u64], leaf: LeafSize) -> Access {
        Access { address, kind: Kind::Load, walk: Walk::new(reads, leaf, true) }
    }

    #[test]
    fn a_smaller_leaf_has_a_longer_walk() {
        let large = access(0xffff_ffc1_2345_6789, &[0x8000_0020], LeafSize::G1);
        let (two, small) = (within(large, LeafSize::M2), within(large, LeafSize::K4));
        assert_eq!((two.walk.reads().len(), two.walk.leaf()), (2, LeafSize::M2));
        assert_eq!((small.walk.reads().len(), small.walk.leaf()), (3, LeafSize::K4));
        // The second entry is the same, a leaf here and a pointer there.
        assert_eq!(two.walk.reads()[..2], small.walk.reads()[..2]);
        let next = within(access(large.address + 0x1000, &[0x8000_0020], LeafSize::G1), LeafSize::K4);
        assert_eq!(next.walk.reads()[2], small.walk.reads()[2] + 8);
    }

    #[test]
    fn other_regions_and_small_leaves_stay() {
        let kernel = access(0xffff_ffff_8020_0000, &[1, 2], LeafSize::M2);
        assert_eq!(within(kernel, LeafSize::K4), kernel);
        let small = access(0xffff_ffc0_8000_0000, &[1, 2], LeafSize::M2);
        assert_eq!(within(small, LeafSize::M2), small);
        let user = access(0x1000, &[1], LeafSize::G1);
        assert_eq!(within(user, LeafSize::K4), user);
    }
}
