//! Facts about a machine and its kernel that page tables do not contain. All are optional.

use std::collections::BTreeMap;

use crate::address::{Phys, Span, Virt};
use crate::kind::Kind;

/// The facts.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// RAM. With it, mappings of other addresses are mappings of devices.
    pub ram: Vec<Span<Phys>>,
    /// Memory that must not be mapped.
    pub no_map: Vec<Span<Phys>>,
    /// Stacks, each without its guard.
    pub stacks: Vec<Span<Virt>>,
    /// Regions of the address space, by their addresses.
    pub layout: Layout,
    /// Names of the image's parts: each applies from its address up to the next one.
    pub names: BTreeMap<Virt, String>,
}

/// The regions that a kernel gives its addresses.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Regions, in ascending order. None overlaps another. Without regions, mappings are sorted
    /// by their shape alone.
    pub(crate) regions: Vec<Named>,
}

/// A region of a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its addresses.
    pub span: Span<Virt>,
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

impl Layout {
    /// The layout of these regions. Of two that overlap, the higher one begins where it begins.
    #[must_use]
    pub fn new(regions: impl IntoIterator<Item = Named>) -> Self {
        let mut regions: Vec<_> = regions.into_iter().filter(|named| named.span.size != 0).collect();
        regions.sort_by_key(|named| named.span);
        for index in 1..regions.len() {
            let next = regions[index].span.start.0;
            let span = &mut regions[index - 1].span;
            span.size = span.size.min(next - span.start.0);
        }
        regions.retain(|named| named.span.size != 0);
        Self { regions }
    }

    /// Returns the regions, in ascending order.
    #[must_use]
    pub fn regions(&self) -> &[Named] {
        &self.regions
    }

    pub(crate) fn at(&self, address: Virt) -> Option<&Named> {
        let after = self.regions.partition_point(|named| named.span.start <= address);
        self.regions[..after].last().filter(|named| named.span.contains(address))
    }
}
