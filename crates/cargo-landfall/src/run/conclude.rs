//! The verdict of a boot, and of the user or the clock that ended it.

use serde_json::Value;

use super::{Format, Options, Randomness};
use crate::failure::{Failure, LastLines};
use crate::firmware::Firmware;
use crate::output;
use crate::qemu::{Boot, Ending};
use crate::report::{self, Report};
use crate::verdict::Verdict;

/// The verdict of a boot: a report where the kernel has printed one, or a failure.
pub(super) fn conclude(boot: Boot, options: &Options) -> Result<Option<Report>, Failure> {
    if !boot.errors.is_empty() {
        output::note(&boot.errors);
    }
    let Boot { verdict, ending, console, status, .. } = boot;
    let last = || LastLines::of(&console);
    let waited = options.timeout;
    let report = match verdict {
        Some(Verdict::Unreadable(error)) => return Err(error.into()),
        Some(Verdict::Refused { rule, message }) => {
            tell(options.format, || report::refused(&rule, &message));
            return Err(Failure::Refused { rule, message });
        }
        Some(Verdict::Panicked { message }) => return Err(Failure::Panicked { message }),
        Some(Verdict::Exited { ref code })
            if verdict.as_ref().is_some_and(|verdict| !verdict.is_success()) =>
        {
            return Err(Failure::Exited { code: code.clone() });
        }
        Some(Verdict::Landed(report)) => {
            note_other_seed(&report, options);
            Some(Some(report))
        }
        Some(Verdict::Exited { .. }) => Some(None),
        None => None,
    };
    match (ending, report, &options.until) {
        (Ending::Text, report, _) => Ok(report.flatten()),
        (Ending::User, ..) => Err(Failure::Interrupted),
        (_, _, Some(text)) => {
            let how = match (ending, status) {
                (Ending::Late, _) => format!("{} s are over", waited.as_secs()),
                (_, Some(status)) => format!("the machine ended ({status})"),
                (_, None) => "the kernel ended".to_owned(),
            };
            Err(Failure::NoText { text: text.clone(), how, last: last() })
        }
        (Ending::Late, Some(_), None) => Err(Failure::StillRunning { waited, last: last() }),
        (_, Some(report), None) => Ok(report),
        (_, None, None) => {
            if let Some(status) = status {
                return Err(Failure::Stopped { status, last: last() });
            }
            note_own_firmware(options, &console);
            Err(Failure::NoVerdict { waited, last: last() })
        }
    }
}

/// Reports a layout that another source of random numbers than `--seed` has decided.
fn note_other_seed(report: &Report, options: &Options) {
    if let (Randomness::Seed(_), Some(reason)) = (options.randomness, report.other_than_seed()) {
        output::note(format_args!("note: --seed did not decide this layout; KASLR is {reason}"));
    }
}

/// A file in the place of OpenSBI that prints nothing may be no firmware.
fn note_own_firmware(options: &Options, console: &[String]) {
    if let (Firmware::File(path), true) = (&options.firmware, console.is_empty()) {
        output::note(format_args!(
            "note: {} stands in the place of OpenSBI: it has to begin with code for machine mode, linked to run at 0x80000000",
            path.display()
        ));
    }
}

/// The result as one JSON object, where the user wants that.
fn tell(format: Format, result: impl FnOnce() -> Value) {
    match format {
        Format::Text => {}
        Format::Json => output::result(result()),
    }
}
