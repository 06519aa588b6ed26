//! The memory operations of one execution.

use crate::test::{Outcome, Place, Test};

use super::domain::Memory;
use super::event::{Access, Event};
use super::trace::Trace;

/// The memory operations of one execution.
#[derive(Debug)]
pub(super) struct Execution<'a> {
    /// The operations, hart by hart, each hart's in program order.
    pub(super) nodes: Vec<Node<'a>>,
    /// The traces, by hart.
    pub(super) traces: &'a [&'a Trace],
}

/// A memory operation of an execution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'a> {
    /// The hart.
    pub(super) hart: usize,
    /// The event's index in the hart's trace.
    pub(super) event: usize,
    /// The operation.
    pub(super) access: &'a Access,
}

/// Bytes of one load that the same stores cover, so that one store writes all that it returns.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// The load, by node.
    pub(super) load: usize,
    /// The bytes.
    pub(super) bytes: Vec<u64>,
    /// The stores that may have written what it returns, by node; `None` is the initial value.
    pub(super) sources: Vec<Option<usize>>,
}

impl<'a> Execution<'a> {
    /// Returns the memory operations of the traces.
    pub(super) fn new(traces: &'a [&'a Trace]) -> Self {
        let mut nodes = Vec::new();
        for (hart, trace) in traces.iter().enumerate() {
            for (event, each) in trace.events.iter().enumerate() {
                if let Event::Access(access) = each {
                    nodes.push(Node { hart, event, access });
                }
            }
        }
        Self { nodes, traces }
    }

    /// Returns true if the first node precedes the second in program order.
    pub(super) fn precedes(&self, first: usize, second: usize) -> bool {
        self.nodes[first].hart == self.nodes[second].hart && first < second
    }

    /// Returns the stores that cover a byte, by node.
    fn stores(&self, byte: u64) -> Vec<usize> {
        (0..self.nodes.len())
            .filter(|&node| self.nodes[node].access.writes() && self.nodes[node].access.covers(byte))
            .collect()
    }

    /// Returns the parts of all loads; `None` if a load returns what no store wrote.
    pub(super) fn parts(&self, memory: &Memory) -> Option<Vec<Part>> {
        let mut parts = Vec::new();
        for load in (0..self.nodes.len()).filter(|&node| self.nodes[node].access.reads()) {
            let mut classes: Vec<(Vec<usize>, Vec<u64>)> = Vec::new();
            for byte in self.nodes[load].access.bytes() {
                let stores = self.stores(byte);
                match classes.iter_mut().find(|(other, _)| *other == stores) {
                    Some((_, bytes)) => bytes.push(byte),
                    None => classes.push((stores, vec![byte])),
                }
            }
            for (stores, bytes) in classes {
                let wrote = |value: &dyn Fn(u64) -> u8| {
                    bytes.iter().all(|&byte| value(byte) == self.nodes[load].access.read_byte(byte))
                };
                let initial = wrote(&|byte| memory.byte(byte)).then_some(None);
                // Preserved program order, rule 1: a load returns no store that follows it.
                let from_stores = stores.iter().filter(|&&store| {
                    store != load
                        && !self.precedes(load, store)
                        && wrote(&|byte| self.nodes[store].access.written_byte(byte))
                });
                let sources: Vec<_> =
                    initial.into_iter().chain(from_stores.map(|&store| Some(store))).collect();
                if sources.is_empty() {
                    return None;
                }
                parts.push(Part { load, bytes, sources });
            }
        }
        Some(parts)
    }

    /// Returns the outcome if the stores reach memory in this order.
    pub(super) fn outcome(&self, test: &Test, memory: &Memory, stores: &[usize]) -> Outcome {
        let last = |byte: u64| {
            let store = stores.iter().rev().find(|&&store| self.nodes[store].access.covers(byte));
            store.map_or_else(|| memory.byte(byte), |&store| self.nodes[store].access.written_byte(byte))
        };
        let value = |&place: &Place| match place {
            Place::Register(hart, register) => self.traces[hart].registers[register.index()],
            Place::Memory(location) => {
                let start = Test::address(location);
                let end = start + test.locations[location].width.bytes();
                (start..end).rev().fold(0, |value, byte| value << 8 | u64::from(last(byte)))
            }
        };
        test.observed.iter().map(value).collect()
    }
}
