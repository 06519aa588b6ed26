//! `cargo landfall run --simulator`: a boot on `landfall-hart`, whose machines take liberties of
//! the specification.
//!
//! ```text
//! request   the boot as a user requests it
//!   refuse    options that only QEMU can honor
//! drawn     the machine that a seed stands for
//! boot      one run, up to its verdict
//! failure   the machine, the explanation, and the command that repeats the run
//!   names     names for addresses in an explanation
//! error     a machine that cannot be
//! ```

mod boot;
mod drawn;
pub mod error;
mod failure;
mod names;
mod refuse;
mod request;
#[cfg(test)]
mod tests;

use std::path::Path;

use landfall_hart::Machine;
use landfall_hart::config::Config;
use landfall_hart::liberty::Liberties;
pub use landfall_hart::liberty::Liberty;

use crate::audit;
use crate::console_output::ConsoleOutput;
use crate::modules;
use crate::output;
use crate::prepared::Prepared;
use crate::qemu::{Audience, ByLine};
use crate::report::Report;
use crate::request::Control;
use crate::run::{Ended, Next, RunError, check_report, elf_of, with_next};
use crate::scratch::Scratch;
use crate::symbolize::Names;
use drawn::Drawn;

pub use request::{LIMIT, LibertyArgument, LibertyArgumentError, Preset, SimulatorRequest, list};

/// Boots a kernel on the simulator, shows its console, and returns the results.
///
/// After a failure it prints the machine, the explanation, and the command that repeats the run.
///
/// # Errors
/// [`RunError`] if no boot took place.
pub fn shown(request: &SimulatorRequest) -> Result<Ended, RunError> {
    check(request)?;
    let boot = &request.boot;
    let prepared = Prepared::of::<RunError>(&boot.kernel)?;
    check_report(boot, &prepared)?;
    let elf = elf_of(&prepared);
    let folder = prepared.symbols().and_then(Path::parent);
    let modules = modules::of_kernel(&elf, folder, &boot.modules)?;
    let next = Next::prepare(boot)?;
    let (boot, _scratch) = with_next(boot, next.as_ref())?;
    let given = request;
    let request = &SimulatorRequest { boot, ..given.clone() };
    let names = Names::of(&elf).with_modules(&modules);
    let names_of_next = next.as_ref().map(|next| Names::of(&next.elf));
    let mut output = ConsoleOutput::lines(request.boot.format, names).with_next(names_of_next);
    let scratch = Scratch::create().map_err(|source| RunError::Scratch { source })?;
    let prepared = prepared.with_policy(&request.boot.policy, scratch.path())?;
    let drawn = Drawn::of(request, &prepared)?;
    output::note(format_args!("simulator: {}, seed {}", failure::preset(request), drawn.seed));
    let mut machine = Machine::new(drawn.config.clone());
    let verdict = boot::run(&mut machine, request, request.limit, &mut output).verdict(request);
    drop(output);
    let verdict = verdict.inspect_err(|error| {
        if !matches!(error, RunError::Interrupted) {
            failure::show(request, &drawn, &elf);
            output::note(format_args!("again: {}", command(given, drawn.seed)));
        }
    });
    let audited = match (request.boot.control, &verdict) {
        (Control::Audit, Ok(report)) => Some(audit::simulated(&mut machine, report.as_ref())?),
        // After a failure the harts may use no tables.
        (Control::Audit, Err(_)) => audit::simulated(&mut machine, None).ok(),
        (Control::Nobody | Control::Debugger, _) => None,
    };
    Ok(Ended { verdict, instructions: None, audited })
}

/// Boots a kernel that is ready on the simulator, without its console, and returns its report.
///
/// # Errors
/// [`RunError`] if the kernel did not land, or failed afterwards.
pub(crate) fn judged(request: &SimulatorRequest, prepared: &Prepared) -> Result<Option<Report>, RunError> {
    run(request, &Drawn::of(request, prepared)?, &mut ByLine(|_: &str| {}))
}

/// Returns the rule by which a kernel refuses the machine's shape: the same harts and memory, with
/// no liberty during the run.
pub(crate) fn refusal_of_shape(request: &SimulatorRequest, prepared: &Prepared) -> Option<String> {
    let drawn = Drawn::of(request, prepared).ok()?;
    let config = Config { liberties: Liberties::PLAIN, ..drawn.config };
    let ran = boot::run(&mut Machine::new(config), request, request.limit, &mut ByLine(|_: &str| {}));
    match ran.verdict(request) {
        Err(RunError::Refused { rule, .. }) => Some(rule),
        _ => None,
    }
}

fn run(
    request: &SimulatorRequest,
    drawn: &Drawn,
    audience: &mut dyn Audience,
) -> Result<Option<Report>, RunError> {
    let mut machine = Machine::new(drawn.config.clone());
    boot::run(&mut machine, request, request.limit, audience).verdict(request)
}

/// Refuses options that the simulator cannot honor, and those that lead to nothing.
///
/// # Errors
/// [`RunError`] names the conflict.
pub fn check(request: &SimulatorRequest) -> Result<(), RunError> {
    refuse::check(request)?;
    crate::run::check(&request.boot)
}

/// Returns the command that boots the same machine.
pub(crate) fn command(request: &SimulatorRequest, seed: u64) -> String {
    failure::command(request, seed)
}
