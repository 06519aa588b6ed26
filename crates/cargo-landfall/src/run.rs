//! `cargo landfall run`: one boot, from the kernel's name to the verdict.

use landfall_audit::UserRegions;
use landfall_host::audit::Audited;
use landfall_host::output;
use landfall_host::report;
use landfall_host::request::{BootRequest, Control, RunFormat};
use landfall_host::run::{self, Ended, RunError};
use landfall_host::simulator::{self, SimulatorRequest};
use landfall_host::symbols::Linked;

use crate::audit::{self, AuditFormat};
use crate::failure::Failure;

/// A boot, with the form of its audit if one is requested.
#[derive(Clone, Debug)]
pub(crate) struct RunCommand {
    /// The machine.
    pub(crate) machine: RunMachine,
    /// The form of the audit.
    pub(crate) audit: AuditFormat,
}

/// The machine of a boot.
#[derive(Clone, Debug)]
pub(crate) enum RunMachine {
    /// On QEMU.
    Qemu(Box<BootRequest>),
    /// On the simulator.
    Simulator(Box<SimulatorRequest>),
}

impl RunMachine {
    const fn boot(&self) -> &BootRequest {
        match self {
            Self::Qemu(request) => request,
            Self::Simulator(request) => &request.boot,
        }
    }
}

/// Boots a kernel and prints the verdict.
///
/// # Errors
/// [`Failure`] if the kernel did not land, or failed afterwards, or its audit has findings.
pub(crate) fn run(command: &RunCommand) -> Result<(), Failure> {
    let format = command.machine.boot().format;
    let ended = match &command.machine {
        RunMachine::Qemu(request) => run::shown(request)?,
        RunMachine::Simulator(request) => simulator::shown(request)?,
    };
    if let (Err(RunError::Refused { rule, message }), RunFormat::Json) = (&ended.verdict, format) {
        output::result(report::refused(rule, message));
    }
    if command.machine.boot().control == Control::Audit {
        return audited(ended, command.audit, command.machine.boot());
    }
    let report = ended.verdict?;
    match format {
        RunFormat::Text => ended.instructions.iter().for_each(output::result),
        RunFormat::Json => {
            let mut report = report.ok_or(RunError::NoReport)?;
            if let Some(instructions) = ended.instructions {
                report.set_instructions(instructions.to_json());
            }
            output::result(report.into_json());
        }
    }
    Ok(())
}

/// Prints the audit of a boot, also if the boot failed after it.
fn audited(ended: Ended, form: AuditFormat, boot: &BootRequest) -> Result<(), Failure> {
    let Ended { verdict, instructions, audited } = ended;
    let Some(audited) = audited else {
        verdict?;
        return Err(RunError::NotAudited.into());
    };
    instructions.iter().for_each(output::note);
    match (form, boot.format) {
        (AuditFormat::Text, RunFormat::Json) => {
            let mut report = verdict?.ok_or(RunError::NoReport)?;
            if let Some(instructions) = instructions {
                report.set_instructions(instructions.to_json());
            }
            let mut report = report.into_json();
            report["audit"] = to_value(&audited)?;
            output::result(report);
        }
        (form, _) => {
            let symbols = || Linked::of_kernel(&boot.kernel);
            audit::print(&audited, form, UserRegions::Listed, symbols, None)?;
            verdict?;
        }
    }
    audit::judge(&audited)
}

fn to_value(audited: &Audited) -> Result<serde_json::Value, Failure> {
    let mut json = Vec::new();
    let lost = |source| Failure::Output { source };
    audited.write_json(&mut json).map_err(lost)?;
    serde_json::from_slice(&json).map_err(|error| lost(error.into()))
}
