//! The properties of a node, read in one pass. A lookup of each property by its name takes several
//! times as many instructions.

use dtoolkit::fdt::{FdtNode, FdtProperty};
use dtoolkit::{Node, Property};

/// A node that may be a device, or a bus.
#[derive(Clone, Copy, Debug)]
pub(super) struct DeviceNode<'tree> {
    pub(super) node: FdtNode<'tree>,
    /// The cells of an address and of a size of its children: `#address-cells`, `#size-cells`.
    pub(super) cells: [usize; 2],
    pub(super) reg: Option<FdtProperty<'tree>>,
    pub(super) ranges: Option<FdtProperty<'tree>>,
    /// `interrupts-extended`.
    pub(super) outputs: Option<FdtProperty<'tree>>,
    compatible: Option<FdtProperty<'tree>>,
    pub(super) state: State,
    pub(super) kind: Kind,
}

/// `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Okay,
    Off,
}

/// `device_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Pci,
    Other,
}

impl<'tree> DeviceNode<'tree> {
    pub(super) fn new(node: FdtNode<'tree>) -> Self {
        let mut device = Self {
            node,
            // The defaults (devicetree specification, 2.3.5).
            cells: [2, 1],
            reg: None,
            ranges: None,
            outputs: None,
            compatible: None,
            state: State::Okay,
            kind: Kind::Other,
        };
        for property in node.properties() {
            match property.name() {
                "#address-cells" => device.cells[0] = number(property),
                "#size-cells" => device.cells[1] = number(property),
                "reg" => device.reg = Some(property),
                "ranges" => device.ranges = Some(property),
                "interrupts-extended" => device.outputs = Some(property),
                "compatible" => device.compatible = Some(property),
                // Absent counts as okay (devicetree specification, 2.3.4).
                "status" if !matches!(property.value(), b"okay\0" | b"ok\0") => device.state = State::Off,
                "device_type" if property.value() == b"pci\0" => device.kind = Kind::Pci,
                _ => {}
            }
        }
        device
    }

    /// Returns true if the node is compatible with one of these.
    pub(super) fn is_any_of(&self, names: &[&str]) -> bool {
        let listed = self.compatible.as_ref().map_or(&[][..], Property::value);
        listed.split(|byte| *byte == 0).any(|listed| names.iter().any(|name| name.as_bytes() == listed))
    }

    /// Returns true if addresses of its children take so many cells, and sizes one or two.
    pub(super) fn counts_in(&self, address: core::ops::RangeInclusive<usize>) -> bool {
        address.contains(&self.cells[0]) && (1..=2).contains(&self.cells[1])
    }
}

/// Returns the number that a property of a node has.
pub(super) fn number_of(node: FdtNode<'_>, name: &str) -> Option<u32> {
    node.property(name)?.value_as().ok()
}

/// 0, which nothing counts in, for what is no number.
fn number(property: FdtProperty<'_>) -> usize {
    property.value_as::<u32>().ok().and_then(|number| usize::try_from(number).ok()).unwrap_or_default()
}
