//! The fewest leaves that map something.

use crate::Extensions;
use crate::model::Span;
use crate::walk::Root;

use super::{LeafModel, PAGE, Space};

/// 16 entries that are one leaf (Svnapot).
pub(super) const K64: u64 = 64 << 10;

/// The sizes that leaves may have, descending.
#[derive(Clone, Debug)]
pub(super) struct Sizes(Vec<u64>);

impl Sizes {
    pub(super) fn of(root: Root) -> Self {
        let napot = (root.extensions == Extensions::Svnapot).then_some(K64);
        let by_level = std::iter::successors(Some(Space::largest_leaf(root)), |size| Some(size / 512));
        let mut sizes: Vec<_> = by_level.take_while(|size| *size >= PAGE).chain(napot).collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        Self(sizes)
    }

    /// The fewest leaves that map a span.
    pub(super) fn fewest(&self, span: Span) -> Vec<LeafModel> {
        let (mut virt, mut phys, mut left) = (span.virt, span.phys, span.size);
        let mut leaves = Vec::new();
        while left != 0 {
            let fits = |size: &&u64| **size <= left && (virt | phys).is_multiple_of(**size);
            let size = self.0.iter().find(fits).copied().unwrap_or(PAGE);
            leaves.push((virt, phys, size, span.permission));
            (virt, phys, left) = (virt.wrapping_add(size), phys + size, left - size);
        }
        leaves
    }
}

#[cfg(test)]
mod tests {
    use crate::Permission;

    use super::*;

    fn sizes(extensions: Extensions, span: Span) -> Vec<u64> {
        let root = Root { levels: 3, table: 0, extensions };
        Sizes::of(root).fewest(span).iter().map(|leaf| leaf.2).collect()
    }

    #[test]
    fn leaves_are_as_large_as_both_addresses_allow() {
        let span = Span { virt: 0x1f_f000, phys: 0x3f_f000, size: 0x20_2000, permission: Permission::READ };
        assert_eq!(sizes(Extensions::None, span), [0x1000, 0x20_0000, 0x1000]);
        let crooked = Span { phys: 0x3e_e000, ..span };
        assert_eq!(sizes(Extensions::None, crooked).len(), 0x202);
    }

    #[test]
    fn sixteen_pages_are_one_leaf_only_with_svnapot() {
        let span =
            Span { virt: 0x1_f000, phys: 0x8000_f000, size: 0x2_2000, permission: Permission::READ_WRITE };
        assert_eq!(sizes(Extensions::Svnapot, span), [0x1000, 0x1_0000, 0x1_0000, 0x1000]);
        assert_eq!(sizes(Extensions::None, span).len(), 0x22);
    }
}
