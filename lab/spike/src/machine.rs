//! Spike as a process, with a time limit.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::install::Spike;

/// The instructions of the machine. OpenSBI needs `time`, which plain `rv64gc` does not have.
const ISA: &str = "--isa=rv64gc_zicntr_zihpm";

/// A reader of the log, line by line.
pub type Log<'a> = &'a mut (dyn FnMut(&[u8]) + Send);

/// A machine's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Harts.
    pub harts: u32,
    /// RAM, in MiB.
    pub mebibytes: u64,
}

/// The output of a machine.
#[derive(Clone, Debug, Default)]
pub struct Console {
    /// The lines of its console.
    pub lines: Vec<String>,
    /// The messages of Spike itself.
    pub messages: Vec<String>,
    /// True if the time limit ended it.
    pub timed_out: bool,
}

/// Returns the command for a machine of this size. More arguments may follow.
#[must_use]
pub fn command(spike: &Spike, size: Size) -> Command {
    let mut command = spike.command();
    command.arg(ISA).arg(format!("-p{}", size.harts)).arg(format!("-m{}", size.mebibytes));
    command
}

/// Runs a program to its end or until `limit`. Each line of the log goes to `log`.
///
/// # Errors
/// Returns the system's error if Spike does not start.
pub fn run(
    mut command: Command,
    program: &Path,
    limit: Duration,
    log: Option<Log<'_>>,
) -> io::Result<Console> {
    if log.is_some() {
        // The console has stdout to itself. Messages share stderr, and none begins like a line.
        command.args(["--log-commits", "--log=/dev/stderr"]);
    }
    command.arg(program).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(io::Error::other("Spike has no output"));
    };
    let mut console = Console::default();
    thread::scope(|scope| {
        let lines = scope.spawn(move || {
            let lines = BufReader::new(stdout).split(b'\n').map_while(Result::ok);
            lines.map(|line| String::from_utf8_lossy(&line).trim_end().to_owned()).collect()
        });
        let messages = scope.spawn(move || read_log(BufReader::with_capacity(1 << 20, stderr), log));
        console.timed_out = !ends_before(&mut child, Instant::now() + limit)?;
        console.lines = lines.join().unwrap_or_default();
        console.messages = messages.join().unwrap_or_default();
        Ok(console)
    })
}

/// Hands over each line of the log, and returns the other lines.
fn read_log(mut stderr: impl BufRead, mut log: Option<Log<'_>>) -> Vec<String> {
    let (mut messages, mut line) = (Vec::new(), Vec::new());
    while matches!(stderr.read_until(b'\n', &mut line), Ok(1..)) {
        match &mut log {
            Some(log) if line.starts_with(b"core ") => log(&line),
            _ => messages.push(String::from_utf8_lossy(&line).trim_end().to_owned()),
        }
        line.clear();
    }
    messages
}

/// Returns false if the process had to be ended.
fn ends_before(child: &mut Child, limit: Instant) -> io::Result<bool> {
    loop {
        if child.try_wait()?.is_some() {
            return Ok(true);
        }
        if Instant::now() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Writes a file for Spike.
///
/// # Errors
/// Returns the system's error.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    io::Write::write_all(&mut File::create(path)?, bytes)
}
