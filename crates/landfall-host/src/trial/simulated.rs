//! A boot on the simulator: an ordinary machine first, then machines that take every liberty of the
//! specification.
//!
//! A kernel can need a device that the simulator does not have. So the usual boots apply to a
//! landfall kernel that passes on the ordinary machine. A user who asks for a number asks for all.

use std::cell::OnceCell;

use landfall_predict::Randomness;

use super::axes::{Simulated, Trial};
use super::command;
use super::outcome::{Failure, Observed, Outcome};
use super::request::TrialRequest;
use super::subject::{Judged, Subject};
use crate::report::Report;
use crate::request::BootRequest;
use crate::run::RunError;
use crate::simulator::{self, LIMIT, Preset, SimulatorRequest};

/// The simulator in a test.
#[derive(Debug, Default)]
pub(super) struct Simulator {
    /// The reason for which the kernel fails on the ordinary machine, or none.
    plain: OnceCell<Option<String>>,
}

impl Simulator {
    /// Boots the machine of a trial and judges it by the verdict.
    pub(super) fn trial(
        &self,
        test: &TrialRequest,
        subject: &Subject,
        trial: &Trial,
        preset: Preset,
        seed: u64,
    ) -> (Outcome, Observed) {
        match self.outcome(test, subject, trial, preset, seed) {
            Ok(report) => (Outcome::Passed, report.as_ref().map(observed).unwrap_or_default()),
            Err(outcome) => (outcome, Observed::default()),
        }
    }

    fn outcome(
        &self,
        test: &TrialRequest,
        subject: &Subject,
        trial: &Trial,
        preset: Preset,
        seed: u64,
    ) -> Result<Option<Report>, Outcome> {
        let not_applicable = |reason: &str| Err(Outcome::NotApplicable(reason.to_owned()));
        if !test.qemu.is_empty() {
            return not_applicable("the simulator takes no arguments for QEMU");
        }
        let is_asked = matches!(test.axes.simulator, Simulated::Asked(_));
        if !is_asked && matches!(subject.judged, Judged::Tables) {
            return not_applicable("by default it is for landfall kernels; --simulator N asks for it");
        }
        let request = request(test, subject, trial, preset, seed).map_err(Outcome::NotApplicable)?;
        if !is_asked && let Some(reason) = self.plain(&request, subject) {
            return Err(Outcome::NotApplicable(format!(
                "the kernel does not pass on the ordinary simulated machine; {reason}"
            )));
        }
        simulator::judged(&request, &subject.prepared).map_err(|error| match error {
            // A drawn machine can be one that the kernel's policy excludes.
            RunError::Refused { rule, message }
                if preset != Preset::Plain
                    && simulator::refusal_of_shape(&request, &subject.prepared).as_ref() == Some(&rule) =>
            {
                Outcome::NotApplicable(format!("the kernel refuses this machine by rule {rule}: {message}"))
            }
            error => Outcome::Failed(Failure {
                reasons: vec![error.to_string()],
                again: command::again(test, trial, seed),
                run: simulator::command(&request, request.seed.unwrap_or_default()),
            }),
        })
    }

    /// Returns the first line of the reason for which the kernel fails on the ordinary machine.
    fn plain(&self, request: &SimulatorRequest, subject: &Subject) -> Option<&str> {
        let reason = self.plain.get_or_init(|| {
            let plain = SimulatorRequest { preset: Preset::Plain, ..request.clone() };
            let error = simulator::judged(&plain, &subject.prepared).err()?.to_string();
            error.lines().next().map(str::to_owned)
        });
        reason.as_deref()
    }
}

/// Returns the boot of a trial. The machine's seed has 32 bits, short enough to be typed.
fn request(
    test: &TrialRequest,
    subject: &Subject,
    trial: &Trial,
    preset: Preset,
    seed: u64,
) -> Result<SimulatorRequest, String> {
    let boot = test.boot(trial, subject, seed)?;
    Ok(SimulatorRequest {
        boot: BootRequest { mode: None, randomness: Randomness::Fresh, ..boot },
        preset,
        with: Vec::new(),
        without: Vec::new(),
        seed: Some(trial.random(seed).next_word() >> 32),
        limit: LIMIT,
    })
}

fn observed(report: &Report) -> Observed {
    let mode = report.get("/mode").and_then(|mode| mode.as_str()).and_then(landfall_paging::Mode::from_name);
    Observed {
        address: report.kernel_loaded(),
        mode: mode.map(landfall_paging::Mode::name),
        ..Observed::default()
    }
}
