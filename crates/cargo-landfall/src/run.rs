//! `cargo landfall run`: one boot, from the kernel's name to the verdict.

use landfall_host::output;
use landfall_host::report;
use landfall_host::request::{BootRequest, RunFormat};
use landfall_host::run::{self, RunError};

use crate::failure::Failure;

/// Boots a kernel and prints the verdict.
///
/// # Errors
/// [`Failure`] if the kernel did not land, or failed afterwards.
pub(crate) fn run(request: &BootRequest) -> Result<(), Failure> {
    let (report, instructions) = run::shown(request).inspect_err(|error| {
        if let (RunError::Refused { rule, message }, RunFormat::Json) = (error, request.format) {
            output::result(report::refused(rule, message));
        }
    })?;
    match request.format {
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
