//! A QEMU that runs: watched until its verdict or its end.

use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::Boot;
use super::console::Transcript;
use super::error::{QemuError, rejected};
use crate::verdict::Verdict;

/// How long a machine may take to power off once its verdict is known.
const AFTER_VERDICT: Duration = Duration::from_secs(1);

/// A QEMU that runs. It is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    pub(super) child: Child,
    pub(super) lines: Receiver<String>,
    pub(super) errors: Option<JoinHandle<String>>,
}

/// EDK2's console goes on in the next line where a line is so long.
const EFI_COLUMNS: usize = 80;

/// A refusal of which more may come, by a console that cuts lines.
struct Cut(String);

impl Cut {
    fn of(line: &str, verdict: Option<&Verdict>) -> Option<Self> {
        let refused = matches!(verdict, Some(Verdict::Refused { .. }));
        (refused && width(line) == EFI_COLUMNS).then(|| Self(line.to_owned()))
    }
}

fn width(line: &str) -> usize {
    line.chars().count()
}

/// How long a machine is watched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// Up to its verdict and a moment longer, at most so long.
    Verdict(Instant),
    /// As long as it runs.
    End,
}

impl Until {
    fn instant(self) -> Instant {
        match self {
            Self::Verdict(until) => until,
            Self::End => Instant::now() + Duration::from_secs(3600),
        }
    }
}

/// What comes next from a console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A line, without its end.
    Line(String),
    /// The console is closed: QEMU has ended.
    End,
    /// Nothing, until the time was over.
    Late,
}

impl Running {
    /// The next line of the console, if it comes by `until`.
    pub fn next_line(&mut self, until: Instant) -> Next {
        match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => Next::Line(line),
            Err(RecvTimeoutError::Disconnected) => Next::End,
            Err(RecvTimeoutError::Timeout) => Next::Late,
        }
    }

    /// Lets the machine run until its verdict, and a moment longer so that it can power off.
    /// `watch` gets each line of the console as it comes.
    ///
    /// # Errors
    /// [`QemuError`] where no machine ran. A machine that ran and told nothing is no error of QEMU's.
    pub fn watch(self, timeout: Duration, watch: impl FnMut(&str)) -> Result<Boot, QemuError> {
        self.watch_as(Until::Verdict(Instant::now() + timeout), watch)
    }

    /// The same until the machine ends by itself, however long that takes.
    ///
    /// # Errors
    /// As [`Running::watch`].
    pub fn watch_to_end(self, watch: impl FnMut(&str)) -> Result<Boot, QemuError> {
        self.watch_as(Until::End, watch)
    }

    fn watch_as(mut self, until: Until, mut watch: impl FnMut(&str)) -> Result<Boot, QemuError> {
        let mut transcript = Transcript::default();
        let (mut verdict, mut status, mut cut) = (None, None, None);
        let mut until = until;
        loop {
            match self.next_line(until.instant()) {
                Next::Line(line) => {
                    watch(&line);
                    if verdict.is_none() {
                        verdict = Verdict::of(&line);
                        if verdict.is_some() && until != Until::End {
                            until = Until::Verdict(Instant::now() + AFTER_VERDICT);
                        }
                        cut = Cut::of(&line, verdict.as_ref());
                    } else if let Some(Cut(mut whole)) = cut.take() {
                        whole.push_str(&line);
                        verdict = Verdict::of(&whole);
                        cut = (width(&line) == EFI_COLUMNS).then_some(Cut(whole));
                    }
                    transcript.push(line);
                }
                Next::End => {
                    status = self.wait(AFTER_VERDICT);
                    break;
                }
                Next::Late if until == Until::End => {}
                Next::Late => break,
            }
        }
        let errors = self.stop();
        let console: Vec<_> = transcript.lines.into();
        match status {
            Some(status) if !status.success() && console.is_empty() => Err(rejected(status, errors)),
            status => Ok(Boot { verdict, console, status, errors }),
        }
    }

    /// Why there is no machine, if QEMU has ended already.
    #[must_use]
    pub fn rejected(mut self) -> Option<QemuError> {
        let status = self.wait(Duration::from_millis(100))?;
        Some(rejected(status, self.stop()))
    }

    /// Waits for QEMU to end by itself, at most for `patience`.
    pub fn wait(&mut self, patience: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + patience;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(2)),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// Ends QEMU, and says what it wrote to stderr.
    #[must_use]
    pub fn stop(mut self) -> String {
        self.kill();
        let errors = self.errors.take().and_then(|reader| reader.join().ok());
        errors.unwrap_or_default().trim().to_owned()
    }

    fn kill(&mut self) {
        // It may have ended already, and then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}
