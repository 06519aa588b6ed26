//! The verdict of a boot, and of the user or the clock that ended it.

use std::process::ExitStatus;
use std::time::Duration;

use super::RunError;
use crate::firmware::Firmware;
use crate::last_lines::LastLines;
use crate::output;
use crate::qemu::{Boot, Ending};
use crate::report::Report;
use crate::request::BootRequest;
use crate::verdict::Verdict;
use landfall_predict::Randomness;

/// The line by which a wrapper starts its inner kernel.
const INNER: &str = "landfall: inner kernel ";

/// Returns the verdict of a boot: a report where the kernel has printed one, or a failure.
pub(super) fn conclude(boot: Boot, request: &BootRequest) -> Result<Option<Report>, RunError> {
    if !boot.errors.is_empty() {
        output::note(&boot.errors);
    }
    if let Some(Verdict::Landed(report)) = &boot.verdict {
        note_other_seed(report, request);
    }
    let is_silent = boot.console.is_empty();
    let is_unobserved = is_unobserved(&boot.console);
    let concluded = verdict(boot, request);
    if is_unobserved && concluded.is_ok() && request.until.is_none() {
        output::note(
            "note: the verdict is the wrapper's alone; the inner kernel was not observed; use --until TEXT",
        );
    }
    concluded.inspect_err(|error| {
        if matches!(error, RunError::NoVerdict { .. }) && is_silent {
            note_own_firmware(request);
        }
    })
}

/// Returns true if a wrapper started its inner kernel, and the inner kernel gave no verdict.
fn is_unobserved(console: &[String]) -> bool {
    let start = console.iter().rposition(|line| line.starts_with(INNER));
    start.is_some_and(|start| Verdict::over(&console[start..]).is_none())
}

/// Returns the verdict of a boot: a report if the kernel printed one, or a failure.
pub(crate) fn verdict(boot: Boot, request: &BootRequest) -> Result<Option<Report>, RunError> {
    let Boot { verdict, landings, ending, console, status, .. } = boot;
    let last = || LastLines::of(&console);
    let waited = request.timeout;
    let report = match verdict {
        Some(Verdict::Unreadable(error)) => return Err(error.into()),
        Some(Verdict::Refused { rule, message }) => {
            return Err(RunError::Refused { rule, message });
        }
        Some(Verdict::Panicked { message }) => return Err(RunError::Panicked { message }),
        Some(Verdict::Exited { ref code })
            if verdict.as_ref().is_some_and(|verdict| !verdict.is_success()) =>
        {
            return Err(RunError::Exited { code: code.clone() });
        }
        Some(Verdict::Landed(report)) => Some(Some(report)),
        Some(Verdict::Exited { .. }) => Some(None),
        None => None,
    };
    if request.then.is_some() && landings == 1 && !matches!(ending, Ending::Text | Ending::User) {
        let how = end(ending, status, waited);
        // A Linux prints no report, and the text that the user waits for did not come.
        return match &request.until {
            Some(text) => Err(RunError::NoText { text: text.clone(), how, last: last() }),
            None => Err(RunError::NotStarted { how, last: last() }),
        };
    }
    match (ending, report, &request.until) {
        (Ending::Text, report, _) => Ok(report.flatten()),
        (Ending::User, ..) => Err(RunError::Interrupted),
        (_, _, Some(text)) => {
            let how = end(ending, status, waited);
            Err(RunError::NoText { text: text.clone(), how, last: last() })
        }
        (Ending::Late, Some(_), None) => Err(RunError::StillRunning { waited, last: last() }),
        (_, Some(report), None) => Ok(report),
        (_, None, None) => {
            if let Some(status) = status {
                return Err(RunError::Stopped { status, last: last() });
            }
            Err(RunError::NoVerdict { waited, last: last() })
        }
    }
}

/// Returns the end of a machine, in words.
fn end(ending: Ending, status: Option<ExitStatus>, waited: Duration) -> String {
    match (ending, status) {
        (Ending::Late, _) => format!("{} s are over", waited.as_secs()),
        (_, Some(status)) => format!("the machine ended ({status})"),
        (_, None) => "the kernel ended".to_owned(),
    }
}

/// Reports a layout that another source of random numbers than `--seed` has decided.
fn note_other_seed(report: &Report, request: &BootRequest) {
    if let (Randomness::Seed(_), Some(reason)) = (request.randomness, report.other_than_seed()) {
        output::note(format_args!("note: --seed did not determine this layout; KASLR is {reason}"));
    }
}

/// A file in the place of OpenSBI that prints nothing may be no firmware.
fn note_own_firmware(request: &BootRequest) {
    if let Firmware::File(path) = &request.firmware {
        output::note(format_args!(
            "note: {} replaces OpenSBI; it must begin with code for machine mode, linked to run at 0x80000000",
            path.display()
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inner_kernel_is_observed_by_its_verdict_alone() {
        let unobserved =
            |lines: &[&str]| is_unobserved(&lines.iter().map(ToString::to_string).collect::<Vec<_>>());
        let (start, end) = ("landfall: inner kernel at a place", "landfall: exit 0");
        assert!(unobserved(&["landfall: landed", start, "hello"]));
        assert!(!unobserved(&["landfall: landed", start, "hello", end]));
        assert!(unobserved(&[start, end, start, "hello"]), "the second kernel");
        assert!(!unobserved(&["landfall: landed", "hello"]), "no wrapper");
    }
}
