//! Candidate executions: what each load returns, and the order of the stores to each location.

use std::collections::BTreeSet;

use crate::test::{Outcome, Place, Test};

use super::ModelError;
use super::domain::Memory;
use super::execution::{Execution, Part};
use super::graph;
use super::trace::Trace;

/// Adds the allowed outcomes of the execution.
pub(super) fn outcomes(
    test: &Test,
    traces: &[&Trace],
    outcomes: &mut BTreeSet<Outcome>,
) -> Result<(), ModelError> {
    let execution = Execution::new(traces);
    if execution.nodes.len() > 64 {
        return Err(ModelError::Accesses(execution.nodes.len()));
    }
    let memory = Memory::new(test);
    let Some(parts) = execution.parts(&memory) else { return Ok(()) };
    let observes_memory = test.observed.iter().any(|place| matches!(place, Place::Memory(_)));
    if !observes_memory && outcomes.contains(&execution.outcome(test, &memory, &[])) {
        return Ok(());
    }
    for stores in execution.orders() {
        let outcome = execution.outcome(test, &memory, &stores);
        if !test.counts(&outcome) || outcomes.contains(&outcome) {
            continue;
        }
        if execution.explained(&stores, &parts) {
            outcomes.insert(outcome);
        }
    }
    Ok(())
}

impl Execution<'_> {
    /// Returns each order of the stores: a list of nodes in which overlapping stores of one hart
    /// keep program order. Stores of different locations stand in one order of many.
    fn orders(&self) -> Vec<Vec<usize>> {
        let mut orders = vec![Vec::new()];
        for cluster in self.clusters() {
            let mut permutations = Vec::new();
            self.permute(&mut Vec::new(), &cluster, &mut permutations);
            orders = orders
                .iter()
                .flat_map(|order: &Vec<usize>| {
                    permutations.iter().map(move |more| order.iter().chain(more).copied().collect())
                })
                .collect();
        }
        orders
    }

    /// Returns the sets of stores that overlap, directly or through others.
    fn clusters(&self) -> Vec<Vec<usize>> {
        let mut clusters: Vec<Vec<usize>> = Vec::new();
        for node in (0..self.nodes.len()).filter(|&node| self.nodes[node].access.writes()) {
            let (mut joined, others): (Vec<_>, Vec<_>) = clusters.into_iter().partition(|cluster| {
                cluster.iter().any(|&other| self.nodes[other].access.overlaps(self.nodes[node].access))
            });
            joined.push(vec![node]);
            clusters = others;
            clusters.push(joined.concat());
        }
        clusters
    }

    /// Adds each permutation of `rest` that begins with `start` and keeps program order.
    fn permute(&self, start: &mut Vec<usize>, rest: &[usize], permutations: &mut Vec<Vec<usize>>) {
        if rest.is_empty() {
            permutations.push(start.clone());
        }
        for &next in rest {
            let blocked = rest.iter().any(|&other| {
                self.precedes(other, next) && self.nodes[other].access.overlaps(self.nodes[next].access)
            });
            if !blocked {
                let others: Vec<_> = rest.iter().copied().filter(|&other| other != next).collect();
                start.push(next);
                self.permute(start, &others, permutations);
                start.pop();
            }
        }
    }

    /// Returns true if a choice of sources and a global memory order explain what the loads return.
    fn explained(&self, stores: &[usize], parts: &[Part]) -> bool {
        let mut chosen = vec![0; parts.len()];
        loop {
            let sources: Vec<_> = parts.iter().zip(&chosen).map(|(part, &at)| part.sources[at]).collect();
            if graph::is_allowed(self, stores, parts, &sources) {
                return true;
            }
            let next = chosen.iter_mut().zip(parts).find_map(|(at, part)| {
                *at += 1;
                let valid = *at < part.sources.len();
                if !valid {
                    *at = 0;
                }
                valid.then_some(())
            });
            if next.is_none() {
                return false;
            }
        }
    }
}
