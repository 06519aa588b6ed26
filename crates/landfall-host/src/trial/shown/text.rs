//! The result of a test in lines: one per axis, and what failed.

use std::fmt::Write as _;

use landfall_predict::units::Seed;

use crate::output;
use crate::progress::Line;
use crate::trial::{Axis, Counts, Done, Outcome, Progress, Trial};

/// Shows on a terminal which boot runs.
pub(super) fn show_progress(trial: &Trial) {
    Line::on_terminal().show(&trial.name());
}

/// Removes that line.
pub(super) fn clear_progress() {
    Line::on_terminal().clear();
}

/// The lines of a test, printed as it goes on.
#[derive(Debug)]
pub(super) struct Text {
    /// Boots of one round, by axis.
    expected: Vec<Axis>,
    /// The boots of the axis so far.
    axis: Vec<Done>,
    /// The boots of the round so far.
    done: usize,
    round: u64,
}

impl Text {
    pub(super) fn new(trials: &[Trial]) -> Self {
        let expected = trials.iter().map(|trial| trial.axis).collect();
        Self { expected, axis: Vec::new(), done: 0, round: 0 }
    }

    /// Prints the counts.
    pub(super) fn finish(&self, counts: &Counts) {
        let Counts { passed, failed, not_applicable } = counts;
        let mut line = format!("{passed} passed, {failed} failed");
        if *not_applicable != 0 {
            let _ = write!(line, ", {not_applicable} not applicable");
        }
        if self.round > 1 {
            let _ = write!(line, "; {} rounds", self.round);
        }
        output::result(line);
    }

    /// Prints the line of an axis, and what failed on it.
    fn print_axis(&mut self) {
        let boots = std::mem::take(&mut self.axis);
        let Some(first) = boots.first() else { return };
        let ran = boots.iter().filter(|done| !matches!(done.outcome, Outcome::NotApplicable(_))).count();
        let failed = boots.iter().any(|done| matches!(done.outcome, Outcome::Failed(_)));
        let word = match (failed, ran) {
            (true, _) => "FAILED",
            (false, 0) => "-",
            (false, _) => "ok",
        };
        let values: Vec<_> = boots.iter().map(value).collect();
        output::result(format_args!("{:<9} {word:<6}  {}", first.trial.axis, values.join(", ")));
        for done in &boots {
            print_details(done);
        }
    }
}

/// A value of an axis with what was observed.
fn value(done: &Done) -> String {
    let mut text = done.trial.value.clone();
    if let (Axis::Address, Some(address)) = (done.trial.axis, done.observed.address) {
        text = address.to_string();
    }
    match (&done.outcome, done.observed.mode) {
        (Outcome::Failed(_), _) => text.push_str(" FAILED"),
        (Outcome::NotApplicable(_), _) => text.push_str(" not applicable"),
        (Outcome::Passed, Some(mode)) if done.trial.axis == Axis::Mode && mode != done.trial.value => {
            let _ = write!(text, " (takes {mode})");
        }
        (Outcome::Passed, _) => {}
    }
    text
}

fn print_details(done: &Done) {
    let name = done.trial.name();
    match &done.outcome {
        Outcome::Failed(failure) => {
            output::result(format_args!("  {name} failed:"));
            for line in failure.reasons.iter().flat_map(|reason| reason.lines()) {
                output::result(format_args!("    {line}"));
            }
            output::result(format_args!("    again: {}", failure.again));
            output::result(format_args!("    boot:  {}", failure.run));
        }
        Outcome::NotApplicable(reason) => {
            output::result(format_args!("  {name} is not applicable: {reason}"));
        }
        Outcome::Passed => {}
    }
    if let Some(rights) = &done.observed.rights {
        output::result(format_args!("  {name}: {rights}"));
        if let Some(first) = &rights.first {
            output::result(format_args!("    first: {first}"));
        }
    }
}

impl Progress for Text {
    fn begins(&mut self, kernel: &str, seed: u64) {
        let count = self.expected.len();
        let boots = if count == 1 { "boot" } else { "boots" };
        output::result(format_args!("{kernel}: {count} {boots}, seed {}", Seed(seed)));
    }

    fn starts(&mut self, trial: &Trial) {
        show_progress(trial);
    }

    fn done(&mut self, done: &Done) {
        clear_progress();
        if done.round != self.round {
            self.round = done.round;
            self.done = 0;
            if done.round > 1 {
                output::result(format_args!("round {}, seed {}", done.round, Seed(done.seed)));
            }
        }
        self.done += 1;
        self.axis.push(done.clone());
        if self.expected.get(self.done) != Some(&done.trial.axis) {
            self.print_axis();
        }
    }
}
