//! The edges of the global memory order, and the search for a cycle.

use super::event::{Kind, Set};
use super::execution::{Execution, Part};

/// Returns true if a global memory order explains the choice of sources.
///
/// It keeps preserved program order and the order of `stores`, and gives each part of a load its
/// source.
pub(super) fn is_allowed(
    execution: &Execution<'_>,
    stores: &[usize],
    parts: &[Part],
    sources: &[Option<usize>],
) -> bool {
    let mut graph = Graph { execution, stores, after: preserved(execution) };
    graph.order_of_stores();
    for (part, &source) in parts.iter().zip(sources) {
        if !graph.load_value(part, source) {
            return false;
        }
        graph.atomicity(part, source);
    }
    graph.rule_2(parts, sources);
    graph.is_acyclic()
}

/// Returns for each node those after it by the rules that one hart determines.
fn preserved(execution: &Execution<'_>) -> Vec<Set> {
    let nodes = &execution.nodes;
    let node_of = |hart, event| nodes.iter().position(|node| node.hart == hart && node.event == event);
    nodes
        .iter()
        .map(|node| {
            let events = execution.traces[node.hart].preserved[node.event];
            (0..64)
                .filter(|event| events >> event & 1 != 0)
                .fold(0, |set, event| node_of(node.hart, event).map_or(set, |node| set | 1 << node))
        })
        .collect()
}

/// The edges: each leads to an operation that comes later in the global memory order.
#[derive(Debug)]
struct Graph<'a> {
    execution: &'a Execution<'a>,
    stores: &'a [usize],
    after: Vec<Set>,
}

impl Graph<'_> {
    /// Adds an edge.
    fn add(&mut self, first: usize, second: usize) {
        self.after[first] |= 1 << second;
    }

    /// Adds the order of all overlapping stores.
    fn order_of_stores(&mut self) {
        for (at, &first) in self.stores.iter().enumerate() {
            for &second in &self.stores[at + 1..] {
                if self.execution.nodes[first].access.overlaps(self.execution.nodes[second].access) {
                    self.add(first, second);
                }
            }
        }
    }

    /// Adds what the load value axiom demands of a part; returns false if nothing can meet it.
    ///
    /// The source is the latest store of the byte that precedes the load in the global memory order
    /// or in program order.
    fn load_value(&mut self, part: &Part, source: Option<usize>) -> bool {
        for later in self.later_stores(part, source) {
            if self.execution.precedes(later, part.load) {
                return false;
            }
            self.add(part.load, later);
        }
        let Some(source) = source else { return true };
        if !self.execution.precedes(source, part.load) {
            self.add(source, part.load);
            return true;
        }
        // Rule 3: no other hart sees an AMO or SC later than its own hart does.
        if self.execution.nodes[source].access.kind != Kind::Store {
            self.add(source, part.load);
        }
        self.rule_12(part.load, source);
        true
    }

    /// Returns the stores of the part's byte that follow the source in the order of stores.
    fn later_stores(&self, part: &Part, source: Option<usize>) -> Vec<usize> {
        let start = source
            .map_or(0, |source| self.stores.iter().position(|&store| store == source).map_or(0, |at| at + 1));
        let covers = |store: &&usize| {
            **store != part.load && self.execution.nodes[**store].access.covers(part.bytes[0])
        };
        self.stores[start..].iter().filter(covers).copied().collect()
    }

    /// Rule 12: a load that returns a store of its hart follows the sources of the store's address
    /// and data.
    fn rule_12(&mut self, load: usize, store: usize) {
        let node = self.execution.nodes[store];
        let sources = node.access.address_sources | node.access.data_sources;
        for before in 0..store {
            let other = self.execution.nodes[before];
            if other.hart == node.hart && sources >> other.event & 1 != 0 {
                self.add(before, load);
            }
        }
    }

    /// The atomicity axiom: between what a load-reserved returns and its store-conditional, no
    /// other hart stores.
    fn atomicity(&mut self, part: &Part, source: Option<usize>) {
        let nodes = &self.execution.nodes;
        let reserved = nodes[part.load];
        let Some(conditional) = (part.load + 1..nodes.len()).find(|&node| {
            nodes[node].hart == reserved.hart && nodes[node].access.pair == Some(reserved.event)
        }) else {
            return;
        };
        if let Some(source) = source {
            self.add(source, conditional);
        }
        for later in self.later_stores(part, source) {
            if self.execution.nodes[later].hart != reserved.hart {
                self.add(conditional, later);
            }
        }
    }

    /// Rule 2: two loads of a byte, with no store of it between them, that return different stores.
    fn rule_2(&mut self, parts: &[Part], sources: &[Option<usize>]) {
        for (first, source) in parts.iter().zip(sources) {
            for (second, other) in parts.iter().zip(sources) {
                let shared = self.shared_byte(first, second);
                if source != other
                    && shared.is_some_and(|byte| self.no_store_between(first.load, second.load, byte))
                {
                    self.add(first.load, second.load);
                }
            }
        }
    }

    /// Returns a byte of both parts, if the first load precedes the second.
    fn shared_byte(&self, first: &Part, second: &Part) -> Option<u64> {
        if !self.execution.precedes(first.load, second.load) {
            return None;
        }
        first.bytes.iter().copied().find(|byte| second.bytes.contains(byte))
    }

    /// Returns true if no store of the byte stands between the nodes in program order.
    fn no_store_between(&self, first: usize, second: usize, byte: u64) -> bool {
        !self.execution.nodes[first + 1..second]
            .iter()
            .any(|node| node.access.writes() && node.access.covers(byte))
    }

    /// Returns true if the edges have no cycle.
    fn is_acyclic(&self) -> bool {
        let mut rest: Set = if self.after.len() == 64 { Set::MAX } else { (1 << self.after.len()) - 1 };
        while rest != 0 {
            // An operation that nothing of the rest follows comes last; without one there is a
            // cycle.
            let last = (0..self.after.len())
                .filter(|&node| rest >> node & 1 != 0 && self.after[node] & rest == 0)
                .fold(0, |set: Set, node| set | 1 << node);
            if last == 0 {
                return false;
            }
            rest &= !last;
        }
        true
    }
}
