//! QEMU as a process: it starts, its console comes line by line, and it ends with us.
//!
//! ```text
//! running   a machine while it runs
//! console   what it writes
//! error     why there is none
//! ```
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

mod console;
mod error;
mod running;

use std::ffi::OsString;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::verdict::Verdict;
use console::{read_errors, read_line};
pub use error::QemuError;
pub use running::{Next, Running};

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

#[cfg(test)]
mod tests {
    use std::time::Instant;

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
