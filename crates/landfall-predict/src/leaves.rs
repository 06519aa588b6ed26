//! Leaf by leaf: which stretches of a mapping have leaves of one size.
//!
//! ```
//! use landfall_paging::{Access, LeafFormat, Mapping, Mode, PhysAddr, VirtAddr};
//! use landfall_predict::leaves::runs;
//!
//! let mapping = Mapping {
//!     virt: VirtAddr::new(0xffff_ffc0_001f_f000),
//!     phys: PhysAddr::new(0x801f_f000),
//!     size: 0x20_1000,
//!     access: Access::ReadWrite,
//! };
//! let leaves = runs(Mode::Sv39, LeafFormat::Plain, mapping).map(|run| run.leaf.to_string());
//! assert!(leaves.eq(["4K", "2M"]));
//! ```

use landfall_paging::{LeafCount, LeafFormat, LeafSize, Mapping, Mode, first_leaves};

/// A stretch that leaves of one size map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The mapping.
    pub mapping: Mapping,
    /// The size of each leaf.
    pub leaf: LeafSize,
}

/// Returns the stretches of `mapping`, in ascending order, as the mapper cuts them.
pub fn runs(mode: Mode, format: LeafFormat, mapping: Mapping) -> impl Iterator<Item = Run> {
    let mut rest = mapping;
    std::iter::from_fn(move || {
        let mut run: Option<Run> = None;
        while rest.size != 0 {
            let (leaf, count) = first_leaves(mode, format, rest);
            if run.is_some_and(|run| run.leaf != leaf) {
                break;
            }
            let size = leaf.bytes() * count as u64;
            run.get_or_insert(Run { mapping: Mapping { size: 0, ..rest }, leaf }).mapping.size += size;
            rest = Mapping {
                virt: rest.virt.wrapping_add(size),
                phys: rest.phys.wrapping_add(size),
                size: rest.size - size,
                ..rest
            };
        }
        run
    })
}

/// Returns the number of leaves of each size, for people: `510 x 2M + 928 x 4K`.
#[must_use]
pub fn in_words(leaves: &LeafCount) -> String {
    let sizes = LeafSize::ALL.into_iter().rev().filter(|size| leaves[*size] != 0);
    let words: Vec<_> = sizes.map(|size| format!("{} x {size}", leaves[size])).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(" + ") }
}

#[cfg(test)]
mod tests {
    use landfall_paging::{Access, PhysAddr, VirtAddr};

    use super::*;

    fn runs_of(format: LeafFormat, virt: u64, phys: u64, size: u64) -> Vec<(u64, LeafSize)> {
        let (virt, phys) = (VirtAddr::new(virt), PhysAddr::new(phys));
        let mapping = Mapping { virt, phys, size, access: Access::ReadWrite };
        runs(Mode::Sv39, format, mapping).map(|run| (run.mapping.size, run.leaf)).collect()
    }

    #[test]
    fn each_run_has_the_largest_leaves_that_fit() {
        use LeafSize::{G1, K4, K64, M2};
        let from_firmware = runs_of(LeafFormat::Plain, 0xffff_ffc0_8006_0000, 0x8006_0000, 0x1_3ffa_1000);
        assert_eq!(from_firmware, [(0x1a_0000, K4), (0x3fe0_0000, M2), (0x1_0000_0000, G1), (0x1000, K4)]);
        let napot = runs_of(LeafFormat::Napot, 0xffff_ffc0_8000_f000, 0x8000_f000, 0x2_3000);
        assert_eq!(napot, [(0x1000, K4), (0x2_0000, K64), (0x2000, K4)]);
        assert_eq!(runs_of(LeafFormat::Plain, 0xffff_ffc0_0000_1000, 0, 0x40_0000), [(0x40_0000, K4)]);
        assert_eq!(runs_of(LeafFormat::Plain, 0xffff_ffc0_0020_0000, 0, 0x40_0000), [(0x40_0000, M2)]);
    }
}
