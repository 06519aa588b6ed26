//! The event that each source of an APLIC is to report. The device on it states that by two cells,
//! the source and its type (device tree binding `riscv,aplic`).

use dtoolkit::fdt::{Fdt, FdtNode};
use dtoolkit::{Node, Property};

use super::node::number_of;
use crate::config::devices::SOURCES;

/// The event that makes a source's interrupt pending. The numbers are those of `sourcecfg.SM`
/// (AIA 1.0, 4.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Trigger {
    RisingEdge = 4,
    FallingEdge = 5,
    HighLevel = 6,
    LowLevel = 7,
}

/// The triggers of all sources.
#[derive(Clone, Debug)]
pub(crate) struct Triggers {
    /// Sources that report edges.
    edges: Bits,
    /// Sources that are active low.
    low: Bits,
}

type Bits = [u32; SOURCES / 32];

impl Triggers {
    /// All sources are active while their level is high.
    const HIGH_LEVELS: Self = Self { edges: [0; SOURCES / 32], low: [0; SOURCES / 32] };

    /// Returns the triggers of the controller with this phandle. A source that no device has, such
    /// as those of PCI, is active while its level is high.
    pub(super) fn find(tree: &[u8], controller: Option<u32>) -> Self {
        let mut found = Self::HIGH_LEVELS;
        if let Some(controller) = controller {
            found.visit(Fdt::new_unchecked(tree).root(), None, controller);
        }
        found
    }

    /// Returns the trigger of a source.
    pub(crate) fn of(&self, source: usize) -> Trigger {
        let has = |bits: &Bits| bits.get(source / 32).is_some_and(|word| word >> (source % 32) & 1 != 0);
        match (has(&self.edges), has(&self.low)) {
            (true, false) => Trigger::RisingEdge,
            (true, true) => Trigger::FallingEdge,
            (false, false) => Trigger::HighLevel,
            (false, true) => Trigger::LowLevel,
        }
    }

    /// A node's interrupts go to its `interrupt-parent`, or else to that of the node above it
    /// (devicetree specification, 2.4.1).
    fn visit(&mut self, node: FdtNode<'_>, above: Option<u32>, controller: u32) {
        let parent = number_of(node, "interrupt-parent").or(above);
        if let Some(listed) = node.property("interrupts").filter(|_| parent == Some(controller)) {
            let pairs = listed.value().as_chunks::<4>().0.as_chunks::<2>().0;
            pairs.iter().map(|pair| pair.map(u32::from_be_bytes)).for_each(|pair| self.keep(pair));
        }
        node.children().for_each(|child| self.visit(child, parent, controller));
    }

    /// Keeps the type of a source: rising edge 1, falling edge 2, high level 4, low level 8.
    fn keep(&mut self, [source, kind]: [u32; 2]) {
        let place = (source / 32) as usize;
        let bit = 1 << (source % 32);
        if let Some(word) = self.edges.get_mut(place).filter(|_| matches!(kind, 1 | 2)) {
            *word |= bit;
        }
        if let Some(word) = self.low.get_mut(place).filter(|_| matches!(kind, 2 | 8)) {
            *word |= bit;
        }
    }
}
