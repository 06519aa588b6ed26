//! Runs tests on the simulator, and judges the outcomes by the model.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::lower::lower;
use crate::model::{ModelError, Strength, allowed};
use crate::run::{Plan, RunError, Turns, run};
use crate::test::{Outcome, Test};

/// The effort for a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// The maximum of machines; a test ends before if it has shown all that it can.
    pub machines: u32,
    /// The rounds in each machine.
    pub rounds: u32,
}

/// The machines that run in each case: one for each kind of turns.
const LEAST: u32 = 2;

/// The result of a test.
#[derive(Clone, Debug)]
pub struct Report {
    /// The test's name.
    pub name: String,
    /// The number of outcomes that RVWMO allows.
    pub allowed: usize,
    /// The number of them that appeared.
    pub seen: usize,
    /// Outcomes that appeared although RVWMO forbids them.
    pub forbidden: Vec<String>,
    /// Allowed outcomes that did not appear.
    pub never: Vec<Never>,
}

/// An allowed outcome that did not appear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Never {
    /// The outcome.
    pub outcome: String,
    /// The reason.
    pub reason: Reason,
}

/// The reason why an allowed outcome did not appear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A store comes before a load or SC that precedes it in program order.
    LoadBuffering,
    /// A store comes before one that precedes it and a fence, which lets all stores leave.
    Drained,
    /// The test has annotated plain accesses, and their replacements are stronger.
    Replaced,
    /// None is known: more machines or rounds may show it.
    Unknown,
}

/// A reason why a test was not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The model has no answer.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The simulator cannot run the test.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl Reason {
    /// Returns the reason as text.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::LoadBuffering => "load buffering is not modeled",
            Self::Drained => "fence.i and fences of writes before reads let all stores leave",
            Self::Replaced => "plain accesses with aq or rl are replaced by stronger instructions",
            Self::Unknown => "no known reason",
        }
    }
}

/// Checks a test.
///
/// # Errors
/// Fails if the model or the simulator cannot handle the test.
pub fn check(test: &Test, effort: Effort) -> Result<Report, CheckError> {
    let permitted = allowed(test, Strength::Rvwmo)?;
    let (mut seen, mut reachable) = (BTreeSet::new(), BTreeSet::new());
    let mut forbidden = Vec::new();
    for form in lower(test) {
        let limit = allowed(&form, Strength::Rvwmo)?;
        let wanted = allowed(&form, Strength::Simulator)?;
        let shown = outcomes(&form, effort, &wanted)?;
        // The replacements are stronger, so each of their outcomes is one of the test itself.
        forbidden.extend(
            shown
                .iter()
                .filter(|outcome| !limit.contains(*outcome) || !permitted.contains(*outcome))
                .cloned(),
        );
        seen.extend(shown);
        reachable.extend(wanted);
    }
    let in_order = allowed(test, Strength::StoresInOrder)?;
    let modeled = allowed(test, Strength::Simulator)?;
    let reason = |outcome: &Outcome| {
        if !in_order.contains(outcome) {
            Reason::LoadBuffering
        } else if !modeled.contains(outcome) {
            Reason::Drained
        } else if reachable.contains(outcome) {
            Reason::Unknown
        } else {
            Reason::Replaced
        }
    };
    Ok(Report {
        name: test.name.clone(),
        allowed: permitted.len(),
        seen: seen.intersection(&permitted).count(),
        forbidden: forbidden.iter().map(|outcome| test.format(outcome)).collect(),
        never: permitted
            .difference(&seen)
            .map(|outcome| Never { outcome: test.format(outcome), reason: reason(outcome) })
            .collect(),
    })
}

/// Returns the outcomes that machines show, until all of `wanted` have appeared.
fn outcomes(test: &Test, effort: Effort, wanted: &BTreeSet<Outcome>) -> Result<BTreeSet<Outcome>, RunError> {
    let mut seen = BTreeSet::new();
    for machine in 0..effort.machines {
        if machine >= LEAST && wanted.is_subset(&seen) {
            break;
        }
        let turns = if machine % 2 == 0 { Turns::Short } else { Turns::Long };
        seen.extend(run(test, Plan { seed: u64::from(machine), rounds: effort.rounds, turns })?);
    }
    Ok(seen)
}

/// Checks tests on all cores, in their order; `progress` is called with the number of those done.
pub fn check_all(
    tests: &[Test],
    effort: Effort,
    progress: impl Fn(usize) + Sync,
) -> Vec<Result<Report, CheckError>> {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let mut reports = Vec::new();
        while let Some(test) = tests.get(next.fetch_add(1, Ordering::Relaxed)) {
            reports.push((test.name.as_str(), check(test, effort)));
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
        }
        reports
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut reports: Vec<_> =
            workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect();
        reports.sort_by_key(|(name, _)| *name);
        reports.into_iter().map(|(_, report)| report).collect()
    })
}
