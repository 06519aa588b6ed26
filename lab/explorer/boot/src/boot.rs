//! A machine that goes to any instruction of its run.

use std::rc::Rc;

use landfall_hart::config::Config;
use landfall_hart::{Machine, Outcome};
use serde_json::{Value, json};

use crate::request::{IMAGE, Request};
use crate::tables::tables;
use crate::tracker::{Begin, Places, Tracker};

/// The most instructions of a run. That of the recorded kernel takes a hundredth of it.
const LIMIT: u64 = 20_000_000;
/// The mark of the landing report on the console.
const REPORT: &str = "landfall: report ";

/// A boot.
#[derive(Debug)]
pub struct Boot {
    config: Config,
    machine: Machine,
    ended: Option<Outcome>,
    /// The places of functions, as the first run found them.
    places: Places,
    steps: Vec<Begin>,
    total: u64,
    outcome: Outcome,
    /// The `satp` of the boot hart at the end.
    satp: u64,
    report: Option<String>,
}

impl Boot {
    /// Boots a machine to its end once, and returns it at its entry.
    ///
    /// # Errors
    /// Returns the reason why there is no such machine.
    pub fn start(request: &Request) -> Result<Self, String> {
        let config = request.config()?;
        let tracker = Tracker::new(config.harts[config.boot], Places::new(config.entry, IMAGE.len() as u64));
        let mut machine = Machine::new(config.clone());
        machine.inspect(Box::new(Rc::clone(&tracker)));
        let outcome = machine.run(LIMIT);
        let console = String::from_utf8_lossy(machine.output()).into_owned();
        let report =
            console.lines().find_map(|line| line.split_once(REPORT)).map(|(_, json)| json.to_owned());
        let (total, satp) = (machine.executed(), machine.hart_state(config.boot).satp);
        drop(machine);
        let Tracker { places, begun: steps, .. } = tracker.replace(Tracker::default());
        let machine = Machine::new(config.clone());
        Ok(Self { config, machine, ended: None, places, steps, total, outcome, satp, report })
    }

    /// Returns the whole run as JSON: its steps, its length and its outcome.
    #[must_use]
    pub fn summary(&self) -> Value {
        json!({
            "steps": self.steps,
            "total": self.total,
            "outcome": words(self.outcome),
            "harts": self.config.harts.len(),
        })
    }

    /// Goes to an instruction by a new run, and returns the machine's state as JSON.
    ///
    /// A run that is continued would give each hart other turns, so it would not be the first one.
    pub fn go(&mut self, to: u64) -> Value {
        self.machine = Machine::new(self.config.clone());
        let outcome = self.machine.run(to.min(LIMIT));
        self.ended = (outcome != Outcome::Limit).then_some(outcome);
        self.state()
    }

    fn state(&self) -> Value {
        let at = self.machine.executed();
        let hart = |index: usize| {
            let state = self.machine.hart_state(index);
            json!({
                "id": self.config.harts[index],
                "pc": format!("{:#x}", state.pc),
                "function": self.places.function(state.pc),
                "satp": format!("{:#x}", state.satp),
            })
        };
        let step = self.steps.iter().rfind(|begin| begin.at <= at);
        json!({
            "at": at,
            "step": step.map_or(0, |begin| begin.step),
            "console": String::from_utf8_lossy(self.machine.output()),
            "boot": self.config.boot,
            "harts": (0..self.config.harts.len()).map(hart).collect::<Vec<_>>(),
            "outcome": self.ended.map(words),
        })
    }

    /// Returns an audit of the kernel's tables, as they are now.
    ///
    /// # Errors
    /// Returns the reason why the tables cannot be read.
    pub fn tables(&mut self) -> Result<String, String> {
        tables(&mut self.machine, self.satp, self.report.as_deref())
    }
}

const fn words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Shutdown { failed: false } => "the kernel powers off",
        Outcome::Shutdown { failed: true } => "the kernel powers off after a failure",
        Outcome::Reboot => "the kernel asks for a reboot",
        Outcome::Idle => "no hart runs, and no interrupt can come",
        Outcome::Limit => "the limit of instructions is reached",
        _ => "a hart traps again and again",
    }
}
