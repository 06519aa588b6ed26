//! QEMU as a process: it starts, its console comes line by line, and it ends with us.
//!
//! ```no_run
//! # fn main() -> Result<(), cargo_landfall::qemu::QemuError> {
//! use cargo_landfall::machine::Machine;
//! use cargo_landfall::qemu::Qemu;
//! use std::time::Duration;
//!
//! let qemu = Qemu::at("/usr/bin/qemu-system-riscv64");
//! let machine = Machine { kernel: Some("hello.bin".into()), ..Machine::default() };
//! let boot = qemu.boot(machine.arguments(), Duration::from_secs(30), |line| println!("{line}"))?;
//! println!("{:?}", boot.verdict);
//! # Ok(())
//! # }
//! ```

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::verdict::Verdict;

/// The program that we need.
pub const PROGRAM: &str = "qemu-system-riscv64";

/// How long a machine may take to power off once its verdict is known.
const AFTER_VERDICT: Duration = Duration::from_secs(1);

/// Lines longer than this are cut: a kernel that writes without end must not fill the host's memory.
const LONGEST_LINE: u64 = 1 << 20;

/// How much of a console is kept. The oldest lines go first.
const TRANSCRIPT: usize = 16 << 20;

/// Why QEMU did not run.
#[derive(Debug, Error)]
pub enum QemuError {
    /// The program cannot be started.
    #[error("{program} did not start: {source}")]
    Start {
        /// The program.
        program: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// QEMU ended before the machine ran.
    #[error("QEMU did not start the machine ({status}): {errors}")]
    Rejected {
        /// How QEMU ended.
        status: ExitStatus,
        /// What QEMU says.
        errors: String,
    },
    /// The machine has no room for all that QEMU loads: the kernel, the firmware, the device tree.
    #[error("the machine cannot take the image: {errors}")]
    NoRoom {
        /// What QEMU says.
        errors: String,
    },
}

impl QemuError {
    /// 1 where the machine could not take the image, 2 where there is no machine.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::NoRoom { .. } => 1,
            Self::Start { .. } | Self::Rejected { .. } => 2,
        }
    }
}

/// An installed QEMU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qemu {
    program: PathBuf,
}

/// A boot that is over.
#[derive(Debug)]
pub struct Boot {
    /// What the console said about the landing; `None` if it said nothing in time.
    pub verdict: Option<Verdict>,
    /// The console's lines.
    pub console: Vec<String>,
    /// How QEMU ended, if it did so by itself.
    pub status: Option<ExitStatus>,
    /// What QEMU itself wrote to stderr.
    pub errors: String,
}

impl Qemu {
    /// The QEMU at `program`.
    pub fn at(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into() }
    }

    /// A command that runs it.
    #[must_use]
    pub fn command(&self) -> Command {
        Command::new(&self.program)
    }

    /// Starts a machine. It ends with the thread that starts it, at the latest.
    ///
    /// # Errors
    /// [`QemuError::Start`] where the program cannot be started.
    pub fn start(&self, arguments: impl IntoIterator<Item = OsString>) -> Result<Running, QemuError> {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        end_with_this_thread(&mut command);
        let mut child =
            command.spawn().map_err(|source| QemuError::Start { program: self.program.clone(), source })?;
        // Bounded, so that a machine which writes faster than we read waits for us.
        let (sender, lines) = mpsc::sync_channel(1024);
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || {
                let mut console = BufReader::new(stdout);
                while let Some(line) = read_line(&mut console) {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        let errors = child.stderr.take().map(|stderr| thread::spawn(move || read_errors(stderr)));
        Ok(Running { child, lines, errors })
    }

    /// Boots a machine until its verdict, and a moment longer so that it can power off.
    /// `watch` gets each line of the console as it comes.
    ///
    /// # Errors
    /// [`QemuError`] where no machine ran. A machine that ran and told nothing is no error of QEMU's.
    pub fn boot(
        &self,
        arguments: impl IntoIterator<Item = OsString>,
        timeout: Duration,
        watch: impl FnMut(&str),
    ) -> Result<Boot, QemuError> {
        self.start(arguments)?.watch(timeout, watch)
    }
}

/// Makes the system kill a program when the thread that starts it ends, whatever the reason: a machine that nobody looks at any
/// more would run for ever.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "what runs between fork and exec may do next to nothing, and the compiler cannot see to it"
)]
fn end_with_this_thread(command: &mut Command) {
    use rustix::process::{Signal, set_parent_process_death_signal};
    use std::os::unix::process::CommandExt;
    // SAFETY: the closure makes one system call; it neither allocates nor takes a lock.
    unsafe { command.pre_exec(|| set_parent_process_death_signal(Some(Signal::KILL)).map_err(Into::into)) };
}

/// Elsewhere a machine ends when its [`Running`] is dropped.
#[cfg(not(target_os = "linux"))]
fn end_with_this_thread(_command: &mut Command) {}

/// Why QEMU ended without a machine.
fn rejected(status: ExitStatus, errors: String) -> QemuError {
    let no_room = ["ROM regions are overlapping", "to place DTB"];
    if no_room.iter().any(|words| errors.contains(words)) {
        QemuError::NoRoom { errors }
    } else {
        QemuError::Rejected { status, errors }
    }
}

/// A QEMU that runs. It is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    errors: Option<JoinHandle<String>>,
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
        let (mut verdict, mut status) = (None, None);
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

/// The last lines of a console, up to [`TRANSCRIPT`] bytes.
#[derive(Debug, Default)]
struct Transcript {
    lines: VecDeque<String>,
    bytes: usize,
}

impl Transcript {
    fn push(&mut self, line: String) {
        self.bytes += line.len() + 1;
        self.lines.push_back(line);
        while self.bytes > TRANSCRIPT {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= oldest.len() + 1;
        }
    }
}

/// The next line, without its end; a last line without an end too.
fn read_line(console: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    let read = console.take(LONGEST_LINE).read_until(b'\n', &mut line).ok()?;
    if read == 0 {
        return None;
    }
    let text = String::from_utf8_lossy(&line);
    Some(text.trim_end_matches(['\n', '\r']).to_owned())
}

/// What QEMU writes to stderr, cut where it gets long; the rest is read and forgotten, so that QEMU never waits for us.
fn read_errors(mut stderr: impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = stderr.by_ref().take(64 << 10).read_to_end(&mut bytes);
    let _ = io::copy(&mut stderr, &mut io::sink());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shell in the place of QEMU.
    fn boot(script: &str, timeout: Duration) -> Result<Boot, QemuError> {
        Qemu::at("/bin/sh").boot(["-c".into(), script.into()], timeout, |_| {})
    }

    #[test]
    fn the_first_verdict_counts() {
        let boot =
            boot("echo hi; echo 'landfall: refused R1: a'; echo 'landfall: panic b'", Duration::from_secs(9));
        let boot = boot.expect("a boot");
        assert!(matches!(boot.verdict, Some(Verdict::Refused { .. })));
        assert_eq!(boot.console, ["hi", "landfall: refused R1: a", "landfall: panic b"]);
        assert!(boot.status.is_some_and(|status| status.success()));
    }

    #[test]
    fn a_silent_machine_is_killed_in_time() {
        let before = Instant::now();
        let boot = boot("printf 'half a line'; exec sleep 60", Duration::from_millis(50)).expect("a boot");
        assert!(boot.verdict.is_none() && boot.status.is_none());
        assert!(before.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_qemu_that_does_not_start_is_told_from_a_machine_that_fails() {
        let reason = |script| boot(script, Duration::from_secs(9)).expect_err("no machine").to_string();
        assert!(reason("echo 'no such option' >&2; exit 1").contains("no such option"));
        assert!(boot("echo console; exit 1", Duration::from_secs(9)).is_ok());
        assert!(Qemu::at("/nonexistent").start([]).is_err());
    }

    #[test]
    fn lines_end_in_any_way_and_have_any_bytes() {
        let mut console = &b"a\r\n\xff\n\nlast"[..];
        let lines: Vec<_> = std::iter::from_fn(|| read_line(&mut console)).collect();
        assert_eq!(lines, ["a", "\u{fffd}", "", "last"]);
    }
}
