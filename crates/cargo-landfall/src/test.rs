//! `cargo landfall test`: one kernel on many machines.

mod json;
mod junit;
mod text;

use landfall_host::output;
use landfall_host::trial::{self, Counts, Done, Progress, Trial, TrialRequest};
use landfall_predict::units::Seed;

use crate::failure::Failure;
use text::Text;

/// The form of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum TestFormat {
    /// One line per axis, the failures with commands that repeat them, and the counts
    Text,
    /// One JSON object: all boots
    Json,
    /// XML in the form of `JUnit`, which CI services read
    Junit,
}

/// The arguments of `test`.
#[derive(Clone, Debug)]
pub(crate) enum TestCommand {
    /// Print the names of the boots.
    List(TrialRequest),
    /// Boot.
    Run(TrialRequest, TestFormat),
}

/// A test that is over.
#[derive(Debug, Default)]
struct Record {
    kernel: String,
    seed: u64,
    boots: Vec<Done>,
}

impl Progress for Record {
    fn begins(&mut self, kernel: &str, seed: u64) {
        kernel.clone_into(&mut self.kernel);
        self.seed = seed;
        output::note(format_args!("test: {kernel}, seed {}", Seed(seed)));
    }

    fn starts(&mut self, trial: &Trial) {
        text::show_progress(trial);
    }

    fn done(&mut self, done: &Done) {
        text::clear_progress();
        self.boots.push(done.clone());
    }
}

/// Tests a kernel and prints the result.
///
/// # Errors
/// [`Failure::Boots`] if boots failed; [`Failure::Trial`] if no boot ran.
pub(crate) fn run(command: &TestCommand) -> Result<(), Failure> {
    let counts = match command {
        TestCommand::List(request) => {
            request.trials().iter().map(Trial::name).for_each(output::result);
            return Ok(());
        }
        TestCommand::Run(request, TestFormat::Text) => {
            let mut text = Text::new(&request.trials());
            let counts = trial::run(request, &mut text)?;
            text.finish(&counts);
            counts
        }
        TestCommand::Run(request, format) => {
            let mut record = Record::default();
            let counts = trial::run(request, &mut record)?;
            match format {
                TestFormat::Junit => output::result(junit::report(&record)?.trim_end()),
                _ => output::result(json::object(&record, &counts)),
            }
            counts
        }
    };
    fail_if_any(&counts)
}

const fn fail_if_any(counts: &Counts) -> Result<(), Failure> {
    match counts.failed {
        0 => Ok(()),
        failed => Err(Failure::Boots { failed, all: counts.failed + counts.passed }),
    }
}
