//! One run of a machine: its console's lines as they are printed, and its end.

use std::ops::ControlFlow;

use landfall_hart::{Machine, Outcome};

use super::SimulatorRequest;
use crate::qemu::console::Splitter;
use crate::qemu::watch::Seen;
use crate::qemu::{Audience, Boot, Ending, Generation, Last, Watch};
use crate::report::Report;
use crate::run::{self, RunError};

/// The instructions for power-off or a panic after a verdict.
const AFTER_VERDICT: u64 = 2_000_000;
/// The instructions for the rest of a line that contains the text, so that it is seen whole.
const AFTER_TEXT: u64 = 200_000;

/// A run that is over.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) boot: Boot,
    /// Instructions of all harts together, and the time in which no hart ran.
    pub(super) executed: u64,
    /// The machine's end, in words.
    how: String,
}

/// The console of a machine that runs.
struct Console<'a> {
    seen: Seen,
    splitter: Splitter,
    /// Bytes of the machine's output that were looked at.
    read: usize,
    /// The time at which the run ends, after a verdict or a text.
    end: Option<u64>,
    audience: &'a mut dyn Audience,
}

/// Runs a machine up to its end, a verdict, a text, or the limit.
pub(super) fn run(
    machine: &mut Machine,
    request: &SimulatorRequest,
    limit: u64,
    audience: &mut dyn Audience,
) -> Ran {
    let generation = if request.boot.then.is_some() { Generation::Next } else { Generation::First };
    let watch = Watch { last: Last::Final, until: None, text: request.boot.until.clone(), generation };
    let mut console =
        Console { seen: Seen::new(watch), splitter: Splitter::default(), read: 0, end: None, audience };
    let outcome = machine.run_watched(limit, &mut |machine| console.look(machine));
    console.take(machine);
    Ran { executed: machine.executed(), how: in_words(outcome, limit), boot: console.conclude(outcome) }
}

impl Console<'_> {
    fn look(&mut self, machine: &Machine) -> ControlFlow<()> {
        if machine.output().len() != self.read {
            self.take(machine);
        }
        if self.end.is_none() {
            let after = match (self.seen.has_text(), self.seen.has_final_verdict()) {
                (true, _) => Some(AFTER_TEXT),
                (false, true) => Some(AFTER_VERDICT),
                (false, false) => None,
            };
            self.end = after.map(|after| machine.executed() + after);
        }
        let is_over = self.end.is_some_and(|end| machine.executed() >= end);
        if is_over || self.audience.has_enough() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Takes the new bytes of the console.
    fn take(&mut self, machine: &Machine) {
        self.splitter.push(machine.output().get(self.read..).unwrap_or_default());
        self.read = machine.output().len();
        while let Some(piece) = self.splitter.next() {
            self.seen.piece(piece, self.splitter.unfinished(), self.audience);
        }
    }

    fn conclude(mut self, outcome: Option<Outcome>) -> Boot {
        let ended = matches!(outcome, Some(Outcome::Shutdown { .. } | Outcome::Reboot));
        if let Some(rest) = self.splitter.rest() {
            if ended {
                self.seen.line(rest, self.audience);
            } else {
                // Half a line is no verdict if the run ends within it.
                self.seen.cut_off(rest, self.audience);
            }
        }
        let ending = if self.seen.has_text() {
            Ending::Text
        } else if ended {
            Ending::Itself
        } else if self.seen.has_final_verdict() {
            Ending::Verdict
        } else if self.audience.has_enough() {
            Ending::User
        } else {
            Ending::Late
        };
        let (verdict, landings) = (self.seen.verdict, self.seen.landings);
        let console = self.seen.transcript.lines.into();
        Boot { verdict, landings, ending, console, status: None, errors: String::new() }
    }
}

impl Ran {
    /// Returns the verdict: a report if the kernel printed one, or a failure.
    pub(super) fn verdict(self, request: &SimulatorRequest) -> Result<Option<Report>, RunError> {
        let how = self.how;
        run::verdict(self.boot, &request.boot).map_err(|error| match error {
            RunError::StillRunning { last, .. } => {
                RunError::Simulated { fact: "the kernel landed but did not end", how, last }
            }
            RunError::NoVerdict { last, .. } => {
                RunError::Simulated { fact: "the console has no verdict", how, last }
            }
            RunError::NoText { text, last, .. } => RunError::NoText { text, how, last },
            RunError::NotStarted { last, .. } => RunError::NotStarted { how, last },
            error => error,
        })
    }
}

/// Returns the end of a machine, in words.
fn in_words(outcome: Option<Outcome>, limit: u64) -> String {
    match outcome {
        Some(Outcome::Shutdown { failed: false }) => "the machine has shut down".to_owned(),
        Some(Outcome::Shutdown { failed: true }) => "the machine has shut down, with a failure".to_owned(),
        Some(Outcome::Reboot) => "the kernel asked for a reboot".to_owned(),
        Some(Outcome::Idle) => "each hart waits or is stopped, and no interrupt can come".to_owned(),
        Some(Outcome::DoubleTrap { hart }) => format!("hart {hart} had a double trap (Ssdbltrp)"),
        Some(Outcome::TrapLoop { hart }) => {
            format!("hart {hart} traps again and again, and executes no instruction")
        }
        Some(_) => format!("{limit} instructions are over; --limit N permits more"),
        None => "the run has ended".to_owned(),
    }
}
