//! `cargo landfall run`: one boot, from the kernel's name to the verdict.

use landfall_host::output;
use landfall_host::report;
use landfall_host::request::{BootRequest, RunFormat};
use landfall_host::run::{self, RunError};
use landfall_host::simulator::{self, SimulatorRequest};

use crate::failure::Failure;

/// A boot.
#[derive(Clone, Debug)]
pub(crate) enum RunCommand {
    /// On QEMU.
    Qemu(Box<BootRequest>),
    /// On the simulator.
    Simulator(Box<SimulatorRequest>),
}

/// Boots a kernel and prints the verdict.
///
/// # Errors
/// [`Failure`] if the kernel did not land, or failed afterwards.
pub(crate) fn run(command: &RunCommand) -> Result<(), Failure> {
    let (format, ended) = match command {
        RunCommand::Qemu(request) => (request.format, run::shown(request)),
        RunCommand::Simulator(request) => {
            (request.boot.format, simulator::shown(request).map(|report| (report, None)))
        }
    };
    let (report, instructions) = ended.inspect_err(|error| {
        if let (RunError::Refused { rule, message }, RunFormat::Json) = (error, format) {
            output::result(report::refused(rule, message));
        }
    })?;
    match format {
        RunFormat::Text => instructions.iter().for_each(output::result),
        RunFormat::Json => {
            let mut report = report.ok_or(RunError::NoReport)?;
            if let Some(instructions) = instructions {
                report.set_instructions(instructions.to_json());
            }
            output::result(report.into_json());
        }
    }
    Ok(())
}
