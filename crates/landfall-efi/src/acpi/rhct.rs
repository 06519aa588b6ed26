//! Capabilities of harts (ACPI 6.6, 5.2.37: "RISC-V Hart Capabilities Table").

use super::error::AcpiError;
use super::table::{Table, double, half, word};

/// Bytes of its header.
const HEADER: u32 = 56;

/// A part of the table.
enum Node<'a> {
    /// An ISA string, and what fills the node up.
    Isa(&'a [u8]),
    /// The scheme of address translation.
    Mmu(u8),
    /// Which nodes are a processor's.
    Hart { uid: u32, offsets: &'a [u8] },
    /// Nodes that are not needed here.
    Other,
}

/// The capabilities of a hart. They are unknown if the table does not list the hart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Capabilities<'a> {
    /// Its ISA string.
    pub(super) isa: Option<&'a [u8]>,
    /// Levels of tables of the best mode that it has.
    pub(super) levels: Option<u8>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Rhct<'a> {
    table: Table<'a>,
    /// The end of its nodes.
    end: usize,
}

impl<'a> Rhct<'a> {
    pub(super) fn new(table: Table<'a>) -> Result<Self, AcpiError> {
        let mut rhct = Self { table: table.with_header(HEADER)?, end: 0 };
        let mut at = rhct.first();
        for _ in 0..word(table.bytes, 48) {
            let (node, next) = rhct.node(at)?;
            if let Node::Hart { offsets, .. } = node {
                for offset in words(offsets) {
                    rhct.node(offset)?;
                }
            }
            at = next;
        }
        rhct.end = at;
        Ok(rhct)
    }

    /// Returns the ticks per second of a hart's clock.
    pub(super) fn timebase(self) -> u64 {
        double(self.table.bytes, 40)
    }

    /// The offset of its nodes.
    pub(super) fn first(self) -> usize {
        word(self.table.bytes, 52) as usize
    }

    /// The node at `at`, and where the next one begins.
    fn node(self, at: usize) -> Result<(Node<'a>, usize), AcpiError> {
        let bytes = self.table.bytes.get(at..).unwrap_or_default();
        let (kind, length) = (half(bytes, 0), usize::from(half(bytes, 2)));
        let count = usize::from(half(bytes, 6));
        let least = match kind {
            0 => 8 + count,
            2 => 8,
            0xffff => 12 + 4 * count,
            _ => 6,
        };
        let node = self.table.entry(at, length, least)?;
        let node_bytes = |start: usize, size: usize| node.get(start..).and_then(|rest| rest.get(..size));
        let node = match kind {
            0 => Node::Isa(node_bytes(8, count).unwrap_or_default()),
            2 => Node::Mmu(node.get(7).copied().unwrap_or(u8::MAX)),
            0xffff => {
                Node::Hart { uid: word(node, 8), offsets: node_bytes(12, 4 * count).unwrap_or_default() }
            }
            _ => Node::Other,
        };
        Ok((node, at + length))
    }

    /// Returns the capabilities of the processor of this UID. The search begins at `at`, and leaves
    /// it behind the found node. Processors have the same order in both tables, so a search from
    /// the beginning would take the square of their number.
    pub(super) fn of(self, uid: u32, at: &mut usize) -> Capabilities<'a> {
        for (from, to) in [(*at, self.end), (self.first(), *at)] {
            let mut here = from;
            while here < to {
                let Ok((node, next)) = self.node(here) else { break };
                here = next;
                match node {
                    Node::Hart { uid: found, offsets } if found == uid => {
                        *at = here;
                        return self.capabilities(offsets);
                    }
                    _ => {}
                }
            }
        }
        Capabilities::default()
    }

    fn capabilities(self, offsets: &[u8]) -> Capabilities<'a> {
        let mut can = Capabilities::default();
        for offset in words(offsets) {
            match self.node(offset) {
                Ok((Node::Isa(isa), _)) => can.isa = Some(isa),
                Ok((Node::Mmu(kind @ 0..=2), _)) => can.levels = Some(3 + kind),
                _ => {}
            }
        }
        can
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = usize> {
    bytes.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word) as usize)
}
