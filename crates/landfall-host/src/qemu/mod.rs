//! QEMU as a process: it starts, its console comes line by line, and it ends with us.
//!
//! ```text
//! running   a machine while it runs
//! watch     how long it is looked at, and what counts
//! console   what it writes
//! error     why there is none
//! ```
//!
//! ```no_run
//! # fn main() -> Result<(), landfall_host::qemu::QemuError> {
//! use landfall_host::machine::Machine;
//! use landfall_host::qemu::Qemu;
//! use std::time::Duration;
//!
//! let qemu = Qemu::at("/usr/bin/qemu-system-riscv64");
//! let machine = Machine { kernel: Some("hello.bin".into()), ..Machine::default() };
//! let boot = qemu.boot(machine.arguments(), Duration::from_secs(30), |line| println!("{line}"))?;
//! println!("{:?}", boot.verdict);
//! # Ok(())
//! # }
//! ```

pub(crate) mod console;
mod error;
mod running;
pub(crate) mod watch;

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::verdict::Verdict;
use console::{Splitter, read_errors};
pub use error::QemuError;
pub use running::{Next, Running};
pub use watch::ByLine;
pub use watch::{Audience, Ending, Generation, Last, Watch};

/// The program that we need.
pub const PROGRAM: &str = "qemu-system-riscv64";

/// An installed QEMU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qemu {
    program: PathBuf,
}

/// A boot that is over.
#[derive(Debug)]
pub struct Boot {
    /// The verdict of the console; `None` if it gave none in time.
    pub verdict: Option<Verdict>,
    /// The number of landing reports on the console.
    pub landings: usize,
    /// The end of the watch.
    pub ending: Ending,
    /// The console's lines.
    pub console: Vec<String>,
    /// QEMU's exit status, if QEMU ended by itself.
    pub status: Option<ExitStatus>,
    /// QEMU's own errors on stderr.
    pub errors: String,
}

impl Qemu {
    /// Returns the QEMU at `program`.
    pub fn at(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into() }
    }

    /// Returns a command that runs it.
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
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        end_with_this_thread(&mut command);
        let mut child =
            command.spawn().map_err(|source| QemuError::Start { program: self.program.clone(), source })?;
        // Bounded, so that a machine which writes faster than we read waits for us.
        let (sender, chunks) = mpsc::sync_channel(64);
        if let Some(mut stdout) = child.stdout.take() {
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(size @ 1..) = stdout.read(&mut buffer) {
                    if sender.send(buffer.get(..size).unwrap_or_default().to_vec()).is_err() {
                        break;
                    }
                }
            });
        }
        let errors = child.stderr.take().map(|stderr| thread::spawn(move || read_errors(stderr)));
        let keys = child.stdin.take();
        let (splitter, lines) = (Splitter::default(), VecDeque::new());
        Ok(Running { child, keys, chunks, splitter, lines, errors })
    }

    /// Boots a machine until its verdict, and a moment longer so that it can power off.
    /// `watch` gets each line of the console as it comes.
    ///
    /// # Errors
    /// Returns [`QemuError`] if no machine ran. A machine without a verdict is not an error of
    /// QEMU.
    pub fn boot(
        &self,
        arguments: impl IntoIterator<Item = OsString>,
        timeout: Duration,
        watch: impl FnMut(&str),
    ) -> Result<Boot, QemuError> {
        self.start(arguments)?.watch(timeout, watch)
    }
}

/// Makes the system kill a program when the thread that starts it ends, for any reason. Otherwise
/// an unwatched machine would run for ever.
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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// A shell in the place of QEMU.
    fn boot(script: &str, timeout: Duration) -> Result<Boot, QemuError> {
        Qemu::at("/bin/sh").boot(["-c".into(), script.into()], timeout, |_| {})
    }

    #[test]
    fn a_panic_behind_a_refusal_does_not_count() {
        let boot =
            boot("echo hi; echo 'landfall: refused R1: a'; echo 'landfall: panic b'", Duration::from_secs(9));
        let boot = boot.expect("a boot");
        assert!(matches!(boot.verdict, Some(Verdict::Refused { .. })));
        assert_eq!(boot.console, ["hi", "landfall: refused R1: a", "landfall: panic b"]);
        assert!(boot.status.is_some_and(|status| status.success()));
    }

    /// Returns the result of `Last::Final` for a script: a word for the verdict, and the ending.
    fn run(script: &str, text: Option<&str>) -> (String, Ending) {
        run_generation(script, text, Generation::First)
    }

    fn run_generation(script: &str, text: Option<&str>, generation: Generation) -> (String, Ending) {
        let running = Qemu::at("/bin/sh").start(["-c".into(), script.into()]).expect("a shell");
        let until = Some(Instant::now() + Duration::from_secs(20));
        let text = text.map(str::to_owned);
        let watch = Watch { last: Last::Final, until, text, generation };
        let boot = running.watch_as(watch, &mut ByLine(|_: &str| {})).expect("a boot");
        (format!("{:?}", boot.verdict), boot.ending)
    }

    #[test]
    fn a_panic_behind_an_exit_counts() {
        let (verdict, ending) = run("echo landfall: exit 0; sleep 0.1; echo landfall: panic b", None);
        assert!(verdict.contains("Panicked"), "{verdict}");
        assert_eq!(ending, Ending::Itself);
    }

    #[test]
    fn the_verdict_of_the_next_kernel_begins_behind_the_first_report() {
        let report = format!("echo 'landfall: report {}'", crate::report::tests::GOOD);
        let (verdict, _) =
            run_generation(&format!("{report}; echo landfall: exit 3"), None, Generation::Next);
        assert!(verdict.contains("Exited"), "{verdict}");
        let (verdict, _) = run_generation(&format!("{report}; {report}"), None, Generation::Next);
        assert!(verdict.contains("Landed"), "{verdict}");
        let (verdict, _) = run_generation("echo landfall: panic x", None, Generation::Next);
        assert!(verdict.contains("Panicked"), "{verdict}");
        let (_, ending) = run_generation(&format!("echo ready; {report}"), Some("ready"), Generation::Next);
        assert_eq!(ending, Ending::Itself);
        let (_, ending) = run_generation(&format!("{report}; echo ready"), Some("ready"), Generation::Next);
        assert_eq!(ending, Ending::Text);
    }

    #[test]
    fn a_kernel_that_exits_and_stays_is_ended() {
        let (verdict, ending) = run("echo landfall: exit 0; exec sleep 60", None);
        assert!(verdict.contains("Exited") && ending == Ending::Verdict, "{verdict} {ending:?}");
    }

    #[test]
    fn a_text_is_found_in_a_line_that_has_no_end() {
        let (verdict, ending) = run("printf 'hello\\nlogin: '; exec sleep 60", Some("login:"));
        assert_eq!((verdict.as_str(), ending), ("None", Ending::Text));
    }

    #[test]
    fn half_a_line_is_no_verdict_if_the_machine_was_ended_within_it() {
        let script = "printf 'landfall: report {'; exec sleep 60";
        let boot = boot(script, Duration::from_millis(200)).expect("a boot");
        assert!(boot.verdict.is_none(), "{boot:?}");
        assert_eq!(boot.console, ["landfall: report {"]);
    }

    #[test]
    fn a_text_is_not_found_in_the_words_of_a_panic() {
        let (verdict, ending) = run("echo landfall: panic ready; echo ready", Some("ready"));
        assert!(verdict.contains("Panicked") && ending == Ending::Text, "{verdict} {ending:?}");
        let (_, ending) = run("echo landfall: panic ready", Some("ready"));
        assert_eq!(ending, Ending::Itself);
    }

    #[test]
    fn a_refusal_goes_on_where_the_console_cuts_lines() {
        let message = |script: &str| match boot(script, Duration::from_secs(9)).map(|boot| boot.verdict) {
            Ok(Some(Verdict::Refused { message, .. })) => message,
            other => panic!("{other:?}"),
        };
        // 80 columns, 80 columns, and a rest.
        let cut = "printf 'landfall: refused R7: %058d\\r\\n%080d\\r\\nrest\\r\\nmore\\r\\n' 1 2";
        let whole = message(cut);
        assert!(whole.len() == 58 + 80 + 4 && whole.ends_with("2rest"), "{whole}");
        assert_eq!(message("printf 'landfall: refused R7: short\\nmore\\n'"), "short");
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
}
