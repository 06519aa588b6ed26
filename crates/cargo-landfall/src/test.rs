//! `cargo landfall test`: one kernel on many machines.

use landfall_host::output;
use landfall_host::trial::{self, TestFormat, Trial, TrialRequest};

use crate::failure::Failure;

/// The arguments of `test`.
#[derive(Clone, Debug)]
pub(crate) enum TestCommand {
    /// Print the names of the boots.
    List(TrialRequest),
    /// Boot.
    Run(TrialRequest, TestFormat),
}

/// Tests a kernel and prints the result.
///
/// # Errors
/// [`Failure::Boots`] if boots failed; [`Failure::Trial`] if no boot ran.
pub(crate) fn run(command: &TestCommand) -> Result<(), Failure> {
    match command {
        TestCommand::List(request) => {
            request.trials().iter().map(Trial::name).for_each(output::result);
            Ok(())
        }
        TestCommand::Run(request, format) => {
            let counts = trial::shown(request, *format)?;
            match counts.failed {
                0 => Ok(()),
                failed => Err(Failure::Boots { failed, all: failed + counts.passed }),
            }
        }
    }
}
