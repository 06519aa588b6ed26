//! A test whose result is printed.
//!
//! ```text
//! text    lines, one per axis
//! json    one object
//! junit   XML for CI services
//! ```

mod json;
mod junit;
mod text;

use landfall_predict::units::Seed;

use super::{Counts, Done, Progress, Trial, TrialError, TrialRequest};
use crate::output;
use text::Text;

/// The form of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum TestFormat {
    /// One line per axis, the failures with commands that repeat them, and the counts
    Text,
    /// One JSON object: all boots
    Json,
    /// XML in the form of `JUnit`, which CI services read
    Junit,
}

/// Tests a kernel, prints the result, and returns the counts.
///
/// # Errors
/// [`TrialError`] if no boot ran.
pub fn shown(request: &TrialRequest, format: TestFormat) -> Result<Counts, TrialError> {
    if format == TestFormat::Text {
        let mut text = Text::new(&request.trials());
        let counts = super::run(request, &mut text)?;
        text.finish(&counts);
        return Ok(counts);
    }
    let mut record = Record::default();
    let counts = super::run(request, &mut record)?;
    match format {
        TestFormat::Junit => {
            let document = junit::report(&record).map_err(|error| TrialError::Xml(error.to_string()))?;
            output::result(document.trim_end());
        }
        _ => output::result(json::object(&record, &counts)),
    }
    Ok(counts)
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
