//! `cargo landfall test`: one kernel on many machines.
//!
//! ```text
//! request    the test as a user requests it
//!   axes       the boots: modes, addresses, harts, RAM, seeds, firmware
//!   address    a random address that the kernel's file permits
//! subject    what the kernel's file permits, and what can be judged
//! boot       one boot
//!   booted     its result
//!   landing    a landfall kernel, stopped at `main` and judged by landfall-judge
//!   at_main    the places and findings of a machine that stands there
//!   predicted   its tables and its report against the plan
//!   departed    a wrapper, stopped at the jump to its inner kernel
//!   other      any other kernel, up to the text that is its verdict
//! simulated   a boot on the simulator
//!   rights     what is writable and executable in its tables
//! outcome    what became of a trial
//! command    the commands that repeat it
//! shown      the result as lines, JSON or XML
//! ```

mod address;
mod at_main;
mod axes;
mod boot;
mod booted;
mod command;
mod departed;
mod error;
mod landing;
mod other;
mod outcome;
pub mod predicted;
mod request;
mod rights;
mod shown;
mod simulated;
mod subject;

use std::time::Instant;

use crate::kernel::Kernel;
use crate::prepared::{PrepareError, Prepared};
use crate::qemu::Qemu;
use crate::random::Random;
use crate::request::BootRequest;
use crate::{initrd, setup};

pub use axes::{Axes, Axis, Engine, Place, Seeding, Simulated, Trial};
use booted::Booted;
pub use error::TrialError;
pub use outcome::{Counts, Done, Failure, Observed, Outcome};
pub use request::TrialRequest;
pub use rights::Rights;
pub use shown::{TestFormat, shown};
use simulated::Simulator;
use subject::{Judged, Subject};

/// Gets the course of a test.
pub trait Progress {
    /// The test begins. `seed` is that of the first round.
    fn begins(&mut self, kernel: &str, seed: u64);

    /// A trial begins.
    fn starts(&mut self, trial: &Trial);

    /// A trial is done.
    fn done(&mut self, done: &Done);
}

/// Tests a kernel, and returns the counts.
///
/// # Errors
/// [`TrialError`] if no boot ran.
pub fn run(request: &TrialRequest, progress: &mut dyn Progress) -> Result<Counts, TrialError> {
    let trials = request.trials();
    if trials.is_empty() {
        let names = request.axes.trials().iter().map(Trial::name).collect();
        return Err(TrialError::NoSuchBoot { word: request.only.clone().unwrap_or_default(), names });
    }
    request.initrd.as_deref().map_or(Ok(()), initrd::check)?;
    trials.iter().try_for_each(|trial| trial.firmware.check()).map_err(PrepareError::from)?;
    let kernel = Kernel::find(&request.kernel)?;
    let on_qemu = trials.iter().any(|trial| trial.engine == Engine::Qemu);
    let qemu = if on_qemu { Some(setup::qemu(setup::FOR_RUN)?) } else { None };
    let subject = Subject::of(Prepared::from(&kernel, &request.kernel.allow)?)?;
    if matches!(subject.judged, Judged::Tables) && request.until.is_none() {
        return Err(TrialError::NoVerdict { kernel: kernel.to_string() });
    }
    let simulator = Simulator::default();
    let mut test = Test { request, subject, qemu, simulator, progress, counts: Counts::default() };
    test.run(&kernel.to_string(), &trials)
}

/// A test that runs.
struct Test<'a> {
    request: &'a TrialRequest,
    subject: Subject,
    /// None if no trial needs it.
    qemu: Option<Qemu>,
    simulator: Simulator,
    progress: &'a mut dyn Progress,
    counts: Counts,
}

impl Test<'_> {
    fn run(&mut self, kernel: &str, trials: &[Trial]) -> Result<Counts, TrialError> {
        let begun = Instant::now();
        let drawn = || Random::fresh_seed().map_err(|source| TrialError::System { what: "no seed", source });
        let mut seed = self.request.seed.map_or_else(drawn, |seed| Ok(seed.0))?;
        self.progress.begins(kernel, seed);
        let mut inapplicable = None;
        for round in 1.. {
            for trial in trials {
                self.progress.starts(trial);
                let before = Instant::now();
                let (outcome, observed) = self.trial(trial, seed);
                self.counts.add(&outcome);
                if let Outcome::NotApplicable(reason) = &outcome {
                    inapplicable.get_or_insert_with(|| reason.clone());
                }
                let (trial, took) = (trial.clone(), before.elapsed());
                self.progress.done(&Done { trial, round, seed, outcome, observed, took });
            }
            if self.request.soak.is_none_or(|soak| begun.elapsed() >= soak) {
                break;
            }
            seed = Random::new(seed).next_word();
        }
        match inapplicable {
            Some(reason) if self.counts.passed + self.counts.failed == 0 => {
                Err(TrialError::NothingRan { reason })
            }
            _ => Ok(self.counts),
        }
    }

    fn trial(&self, trial: &Trial, seed: u64) -> (Outcome, Observed) {
        let qemu = match (trial.engine, &self.qemu) {
            (Engine::Simulator(preset), _) => {
                return self.simulator.trial(self.request, &self.subject, trial, preset, seed);
            }
            (Engine::Qemu, Some(qemu)) => qemu,
            (Engine::Qemu, None) => {
                return (Outcome::NotApplicable("QEMU was not looked for".to_owned()), Observed::default());
            }
        };
        let boot = match self.request.boot(trial, &self.subject, seed) {
            Ok(boot) => boot,
            Err(reason) => return (Outcome::NotApplicable(reason), Observed::default()),
        };
        let mut booted = boot::boot(&self.subject, &boot, qemu);
        if let Some(reason) = booted.impossible.take() {
            return (Outcome::NotApplicable(reason), Observed::default());
        }
        if trial.seeding == Seeding::Repeated && booted.reasons.is_empty() {
            self.repeat(&boot, qemu, &mut booted);
        }
        let outcome = match (booted.reasons.is_empty(), booted.refusal) {
            (false, _) => Outcome::Failed(Failure {
                reasons: booted.reasons,
                again: command::again(self.request, trial, seed),
                run: command::run(self.request, &boot),
            }),
            (true, Some(rule)) => {
                Outcome::NotApplicable(format!("the kernel refuses by rule {rule}, as planned"))
            }
            (true, None) => Outcome::Passed,
        };
        (outcome, booted.observed)
    }

    /// Boots again with the same seed: the layout must be the same.
    fn repeat(&self, boot: &BootRequest, qemu: &Qemu, first: &mut Booted) {
        let second = boot::boot(&self.subject, boot, qemu);
        first.reasons.extend(second.reasons);
        if let (Some(one), Some(other)) = (first.layout, second.layout)
            && one != other
        {
            first.reasons.push(format!("the same seed gave two layouts: {one:x?} and {other:x?}"));
        }
    }
}
