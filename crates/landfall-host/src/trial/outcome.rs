//! The outcome of a trial.

use std::time::Duration;

use landfall_predict::units::Address;

use super::axes::Trial;
use super::rights::Rights;

/// A trial that is done.
#[derive(Clone, Debug)]
pub struct Done {
    /// The trial.
    pub trial: Trial,
    /// The round of a soak test, from 1.
    pub round: u64,
    /// The seed of the round.
    pub seed: u64,
    /// The outcome.
    pub outcome: Outcome,
    /// The properties of the machine that ran.
    pub observed: Observed,
    /// The time that it took.
    pub took: Duration,
}

/// The outcome of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The verdict is success, and the judges found nothing.
    Passed,
    /// The kernel failed.
    Failed(Failure),
    /// It cannot run with this kernel, for this reason.
    NotApplicable(String),
}

/// A failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The reasons, one line or more each.
    pub reasons: Vec<String>,
    /// The command that runs the same trial again.
    pub again: String,
    /// The command that boots the same machine with its console.
    pub run: String,
}

/// The properties of the machine that ran.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The physical address of the image.
    pub address: Option<Address>,
    /// The paging mode at `main`.
    pub mode: Option<&'static str>,
    /// The access rights at the verdict, of a kernel that is not landfall's.
    pub rights: Option<Rights>,
    /// The judges that ran.
    pub judged: Vec<&'static str>,
}

/// The counts of a test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Trials that passed.
    pub passed: usize,
    /// Trials that failed.
    pub failed: usize,
    /// Trials that do not apply to the kernel.
    pub not_applicable: usize,
}

impl Counts {
    /// Counts one more.
    pub const fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed(_) => self.failed += 1,
            Outcome::NotApplicable(_) => self.not_applicable += 1,
        }
    }
}
