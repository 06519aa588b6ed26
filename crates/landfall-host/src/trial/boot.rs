//! One boot of a trial: the machine, the judges, the verdict.

use std::time::Instant;

use landfall_inspect::contain::contain;
use landfall_predict::case::Prediction;

use super::at_main::Main;
use super::booted::Booted;
use super::landing::{self, Landed};
use super::other;
use super::predicted::check_report;
use super::subject::{Judged, Landing, Subject};
use crate::qemu::{Boot, ByLine, Generation, Last, Qemu, Watch};
use crate::report::Report;
use crate::request::BootRequest;
use crate::run::{self, RunError};
use crate::scratch::Scratch;
use crate::stopped::{StopError, StoppedMachine};

/// Boots the machine of `request` and judges it.
pub(super) fn boot(subject: &Subject, request: &BootRequest, qemu: &Qemu) -> Booted {
    let booted = match &subject.judged {
        Judged::Landing(landing) => with_stop(subject, landing, request, qemu),
        Judged::Report => without_stop(subject, request, qemu),
        Judged::Tables => other::boot(subject, request, qemu),
    };
    booted.unwrap_or_else(|error| {
        if error.is_of_computer() {
            Booted { impossible: Some(error.to_string()), ..Booted::default() }
        } else {
            Booted::default().failed(&error)
        }
    })
}

/// Boots a landfall kernel that has symbols.
fn with_stop(
    subject: &Subject,
    landing: &Landing,
    request: &BootRequest,
    qemu: &Qemu,
) -> Result<Booted, RunError> {
    let scratch = Scratch::create().map_err(|source| RunError::Scratch { source })?;
    let machine = subject.prepared.machine(request, qemu, scratch.path())?;
    let base = run::image_base(request, &subject.prepared)?;
    let until = Instant::now() + machine.memory.preparation() + request.timeout;
    let reached = StoppedMachine::reach(qemu, &machine, base, scratch.path(), request.timeout);
    let mut stopped = match reached {
        Ok(stopped) => stopped,
        Err(StopError::Over(boot)) => return Ok(conclude(Booted::default(), *boot, request, None)),
        Err(error) => return Err(error.into()),
    };
    let mut booted = Booted::default();
    booted.observed.address = Some(stopped.base);
    let landed = contain(|| landing::judge(&mut stopped, landing, until));
    let mut prediction = None;
    match landed {
        Ok(Ok(Landed::At(main))) => {
            let Main { mode, layout, prediction: planned, findings, judges, .. } = *main;
            booted.observed.mode = Some(mode.name());
            booted.observed.judged = judges;
            booted.layout = Some(layout);
            booted.reasons.extend(findings);
            prediction = planned;
        }
        Ok(Ok(Landed::WouldRefuse(rule))) => booted.refusal = Some(rule),
        Ok(Ok(Landed::No)) => {}
        Ok(Err(unreadable)) => booted = booted.failed(&unreadable),
        Err(panicked) => booted = booted.failed(&format!("the judge failed: {panicked}")),
    }
    let boot = stopped.finish(watch(request, until), &mut ByLine(|_: &str| {}))?;
    Ok(conclude(booted, boot, request, prediction.as_deref()))
}

/// Boots a landfall kernel without symbols.
fn without_stop(subject: &Subject, request: &BootRequest, qemu: &Qemu) -> Result<Booted, RunError> {
    let scratch = Scratch::create().map_err(|source| RunError::Scratch { source })?;
    let machine = subject.prepared.machine(request, qemu, scratch.path())?;
    let until = Instant::now() + machine.memory.preparation() + request.timeout;
    let boot = qemu.start(machine.arguments())?.watch_as(watch(request, until), &mut ByLine(|_: &str| {}))?;
    let mut booted = Booted::default();
    booted.observed.address = request.at;
    Ok(conclude(booted, boot, request, None))
}

fn watch(request: &BootRequest, until: Instant) -> Watch {
    let text = request.until.clone();
    Watch { last: Last::Final, until: Some(until), text, generation: Generation::First }
}

/// Adds the verdict, and compares the report with the plan.
fn conclude(
    mut booted: Booted,
    boot: Boot,
    request: &BootRequest,
    prediction: Option<&Prediction>,
) -> Booted {
    match (run::verdict(boot, request), &booted.refusal) {
        (Err(RunError::Refused { rule, .. }), Some(planned)) if rule == *planned => {}
        (_, Some(planned)) => {
            let reason = format!("the plan is a refusal by rule {planned}, and the kernel did not refuse");
            booted.refusal = None;
            booted.reasons.push(reason);
        }
        // The judges' findings are the cause of a later failure.
        (Err(error), None) => booted.reasons.push(error.to_string()),
        (Ok(None), None) => {}
        (Ok(Some(report)), None) => observe(&mut booted, &report, prediction),
    }
    booted
}

fn observe(booted: &mut Booted, report: &Report, prediction: Option<&Prediction>) {
    if let Some(Prediction { plan, facts, .. }) = prediction {
        booted.reasons.extend(check_report(plan, facts, report));
    }
    let mode = report.get("/mode").and_then(|mode| mode.as_str());
    let mode = mode.and_then(landfall_paging::Mode::from_name);
    booted.observed.mode = booted.observed.mode.or(mode.map(landfall_paging::Mode::name));
    booted.observed.address = report.kernel_loaded().or(booted.observed.address);
}
