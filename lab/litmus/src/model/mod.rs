//! An axiomatic model of RVWMO: which outcomes the specification allows.
//!
//! A candidate execution fixes what each load returns and the order of the stores to each location.
//! It is allowed if a global memory order keeps preserved program order and meets the axioms of
//! load values and atomicity. One exists if the graph of the necessary edges has no cycle. The
//! axiom of progress concerns infinite executions, so it excludes no outcome of a test that ends.
//!
//! ```text
//! domain      the values that each location may hold
//! trace       the executions of one hart, for each choice of loaded values
//!   event       accesses to memory and fences, with their dependencies
//!   preserved   preserved program order, as far as one hart determines it
//! candidate   the sources of loads, and the order of stores
//!   execution   the memory operations of one execution
//!   graph       the edges of the global memory order
//! ```

mod candidate;
mod domain;
mod event;
mod execution;
mod graph;
mod preserved;
mod trace;

use std::collections::BTreeSet;

use crate::inst::Inst;
use crate::test::{Outcome, Test};

use self::domain::Domain;
use self::trace::Trace;

/// A reason why the model has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The executions have too many accesses.
    #[error("the test has {0} accesses to memory in one execution; the model handles 64")]
    Accesses(usize),
    /// The executions are too many.
    #[error("the test has more than {0} executions")]
    Executions(usize),
}

/// The maximum of executions, before loads and stores are matched.
const EXECUTIONS: usize = 20_000_000;

/// The part of program order that the model preserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// As RVWMO does.
    Rvwmo,
    /// RVWMO without load buffering: each store also comes after the loads and store-conditionals
    /// that precede it in program order.
    StoresInOrder,
    /// The same; also, `fence.i` and fences of writes before reads keep the order of stores. The
    /// simulator has no other outcomes.
    Simulator,
}

/// Returns the outcomes that the model allows, the filter's part only.
///
/// # Errors
/// Fails if the test is too large to enumerate.
pub fn allowed(test: &Test, strength: Strength) -> Result<BTreeSet<Outcome>, ModelError> {
    let traces = all_traces(test, strength);
    let executions = traces.iter().try_fold(1_usize, |total, hart| total.checked_mul(hart.len()));
    if executions.is_none_or(|executions| executions > EXECUTIONS) {
        return Err(ModelError::Executions(EXECUTIONS));
    }
    let mut outcomes = BTreeSet::new();
    let mut chosen = vec![0; traces.len()];
    loop {
        let execution: Vec<&Trace> = chosen.iter().zip(&traces).map(|(&at, hart)| &hart[at]).collect();
        candidate::outcomes(test, &execution, &mut outcomes)?;
        if !advance(&mut chosen, &traces) {
            return Ok(outcomes);
        }
    }
}

/// Moves to the next combination of traces; returns false after the last.
fn advance(chosen: &mut [usize], traces: &[Vec<Trace>]) -> bool {
    for (at, hart) in chosen.iter_mut().zip(traces) {
        *at += 1;
        if *at < hart.len() {
            return true;
        }
        *at = 0;
    }
    false
}

/// Returns the traces of each hart.
///
/// A stored value may depend on a loaded one, so the values grow from round to round. Each round
/// needs one store more, so rounds beyond the number of stores add no value of an allowed
/// execution.
fn all_traces(test: &Test, strength: Strength) -> Vec<Vec<Trace>> {
    let stores = test.harts.iter().flat_map(|hart| &hart.code).filter(|inst| stores(inst)).count();
    let mut domain = Domain::new(test);
    let mut traces = Vec::new();
    for _ in 0..=stores {
        traces = (0..test.harts.len()).map(|hart| trace::traces(test, hart, &domain, strength)).collect();
        let events = traces.iter().flatten().flat_map(|trace: &Trace| &trace.events);
        if !domain.extend(events) {
            break;
        }
    }
    traces
}

/// Returns true if the instruction stores.
const fn stores(inst: &Inst) -> bool {
    matches!(inst, Inst::Store { .. } | Inst::StoreConditional { .. } | Inst::Amo { .. })
}
