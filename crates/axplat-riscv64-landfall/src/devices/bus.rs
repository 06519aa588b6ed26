//! Buses: what the CPU sees of an address that a node states (devicetree specification, 2.3.8).

use dtoolkit::fdt::FdtNode;
use dtoolkit::standard::NodeStandard;
use dtoolkit::{Node, Property, ToCellInt};
use landfall::{PhysAddr, Range};

/// A node whose children have addresses that the CPU can reach.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bus<'a, 'tree> {
    node: FdtNode<'tree>,
    above: Option<&'a Bus<'a, 'tree>>,
}

impl<'a, 'tree> Bus<'a, 'tree> {
    /// The root: its addresses are the CPU's.
    pub(super) const fn root(node: FdtNode<'tree>) -> Self {
        Self { node, above: None }
    }

    /// The bus that `node`, which is on this one, is itself; `None` where it does not say how its children are reached.
    pub(super) fn below(&'a self, node: FdtNode<'tree>) -> Option<Self> {
        node.property("ranges").map(|_| Self { node, above: Some(self) })
    }

    pub(super) const fn node(&self) -> FdtNode<'tree> {
        self.node
    }

    /// What the CPU sees of addresses on this bus.
    fn to_cpu(self, range: Range) -> Option<Range> {
        let Some(above) = self.above else { return Some(range) };
        if self.node.property("ranges")?.value().is_empty() {
            return above.to_cpu(range);
        }
        if !counts_in(self.node, 1..=2) || !counts_in(above.node, 1..=2) {
            return None;
        }
        self.node.ranges().ok()??.find_map(|window| {
            let child = PhysAddr::new(window.child_bus_address().ok()?);
            let parent = PhysAddr::new(window.parent_bus_address().ok()?);
            let inside = Range::new(child, window.length().ok()?).contains(range);
            let moved = Range::new(parent.add(range.start().since(child)), range.size());
            inside.then(|| above.to_cpu(moved)).flatten()
        })
    }

    /// The registers of `device`, which is on this bus, as the CPU sees them.
    pub(super) fn registers(&'a self, device: FdtNode<'tree>) -> impl Iterator<Item = Range> + 'a {
        let reg = if counts_in(self.node, 1..=2) { device.reg().ok().flatten() } else { None };
        reg.into_iter().flatten().filter_map(|reg| {
            let start = PhysAddr::new(reg.address().ok()?);
            self.to_cpu(Range::new(start, reg.size().ok()?))
        })
    }

    /// The memory and ports of PCI devices behind `host`, which is on this bus, without those beyond 4 GiB of their own: they take far more addresses than there
    /// are devices (PCI bus binding to IEEE 1275, 2.2.1.1: bits 25 and 24 of the first cell).
    pub(super) fn pci_windows(&'a self, host: FdtNode<'tree>) -> impl Iterator<Item = Range> + 'a {
        const LARGE: u32 = 3;
        let ranges = if counts_in(host, 3..=3) && counts_in(self.node, 1..=2) {
            host.ranges().ok().flatten()
        } else {
            None
        };
        ranges.into_iter().flatten().filter_map(|window| {
            let space = window.child_bus_address.as_ref().first()?.get() >> 24 & 3;
            let start = PhysAddr::new(window.parent_bus_address.to_int().ok()?);
            let range = Range::new(start, window.length().ok()?);
            if space == LARGE { None } else { self.to_cpu(range) }
        })
    }
}

/// Whether addresses of the node's children take so many cells, and sizes one or two.
fn counts_in(node: FdtNode<'_>, address: core::ops::RangeInclusive<u32>) -> bool {
    let cells = node.address_space();
    address.contains(&cells.address_cells) && (1..=2).contains(&cells.size_cells)
}
