//! Buses: what the CPU sees of an address that a node states (devicetree specification, 2.3.8).

use dtoolkit::fdt::FdtProperty;
use dtoolkit::{Cells, Property, ToCellInt};
use landfall::address::{PhysAddr, PhysRange};

use super::node::DeviceNode;

/// A node whose children have addresses that the CPU can reach.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bus<'a, 'tree> {
    pub(super) node: DeviceNode<'tree>,
    /// The bus that it is on, and what it says of its place there. The root is on none: its
    /// addresses are the CPU's.
    above: Option<(&'a Bus<'a, 'tree>, FdtProperty<'tree>)>,
}

impl<'a, 'tree> Bus<'a, 'tree> {
    /// The root.
    pub(super) const fn root(node: DeviceNode<'tree>) -> Self {
        Self { node, above: None }
    }

    /// The bus that `node`, which is on this one, is itself; `None` where it does not say how its
    /// children are reached.
    pub(super) fn below(&'a self, node: DeviceNode<'tree>) -> Option<Self> {
        node.ranges.map(|ranges| Self { node, above: Some((self, ranges)) })
    }

    /// Returns the address at which the CPU sees an address of this bus.
    fn to_cpu(self, range: PhysRange) -> Option<PhysRange> {
        let Some((above, ranges)) = self.above else { return Some(range) };
        if ranges.value().is_empty() {
            return above.to_cpu(range);
        }
        if !self.node.counts_in(1..=2) || !above.node.counts_in(1..=2) {
            return None;
        }
        self.windows(above, ranges).find_map(|[child, parent, size]| {
            let child = address(child)?;
            let inside = PhysRange::new(child, size.to_int().ok()?).contains(range);
            let moved = PhysRange::new(
                address(parent)?.wrapping_add(range.start().wrapping_offset_from(child)),
                range.size(),
            );
            inside.then(|| above.to_cpu(moved)).flatten()
        })
    }

    /// The entries of `ranges`: where something is on this bus, where on the one above, and its
    /// size.
    fn windows(
        self,
        above: &Bus<'_, 'tree>,
        ranges: FdtProperty<'tree>,
    ) -> impl Iterator<Item = [Cells<'tree>; 3]> {
        let cells = [self.node.cells[0], above.node.cells[0], self.node.cells[1]];
        ranges.as_prop_encoded_array(cells).ok().into_iter().flatten()
    }

    /// The registers of `device`, which is on this bus, as the CPU sees them.
    pub(super) fn registers(&'a self, device: &DeviceNode<'tree>) -> impl Iterator<Item = PhysRange> + 'a {
        let reg = device.reg.filter(|_| self.node.counts_in(1..=2));
        let reg = reg.and_then(|reg| reg.as_prop_encoded_array(self.node.cells).ok());
        reg.into_iter()
            .flatten()
            .filter_map(|[start, size]| self.to_cpu(PhysRange::new(address(start)?, size.to_int().ok()?)))
    }

    /// Returns the memory and ports of PCI devices behind `host`, which is on this bus. Windows
    /// beyond 4 GiB are left out: they take far more addresses than the devices use. The space is
    /// in bits 25 and 24 of the first cell (PCI bus binding to IEEE 1275, 2.2.1.1).
    pub(super) fn pci_windows(&'a self, host: &DeviceNode<'tree>) -> impl Iterator<Item = PhysRange> + 'a {
        const LARGE: u32 = 3;
        let counts = host.counts_in(3..=3) && self.node.counts_in(1..=2);
        let host = self.below(*host).filter(|_| counts);
        let windows = host.and_then(|host| Some(host.windows(self, host.above?.1)));
        windows.into_iter().flatten().filter_map(|[child, parent, size]| {
            let space = child.as_ref().first()?.get() >> 24 & 3;
            let range = PhysRange::new(address(parent)?, size.to_int().ok()?);
            if space == LARGE { None } else { self.to_cpu(range) }
        })
    }
}

fn address(cells: Cells<'_>) -> Option<PhysAddr> {
    cells.to_int().ok().map(PhysAddr::new)
}
