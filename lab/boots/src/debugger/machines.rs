//! Machines for debuggers.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{Bench, Expected, PATIENCE, attach, judge, own, path};
use crate::session::as_text;
use landfall_host::gdb;
use landfall_host::machine::Machine;
use landfall_host::qemu::{Next, Running};
use landfall_host::report::Report;
use landfall_host::setup::Debugger;

/// A machine that `run --gdb` has started.
pub(super) struct Debugged<'a> {
    bench: &'a Bench,
    child: Child,
    /// The folder with its socket and its console.
    pub(super) folder: TempDir,
}

impl<'a> Debugged<'a> {
    pub(super) fn start(bench: &'a Bench, options: &[&str]) -> Result<Self, String> {
        Self::start_kernel(bench, "hello", options)
    }

    pub(super) fn start_kernel(bench: &'a Bench, kernel: &str, options: &[&str]) -> Result<Self, String> {
        let folder = as_text(landfall_host::private::folder("landfall-"))?;
        let file = |name: &str| as_text(File::create(folder.path().join(name)));
        let child = own(folder.path())?
            .args(["run", &path(&bench.kernels.get(kernel)?.elf), "--gdb", "--format", "json"])
            .args(options)
            .stdin(Stdio::null())
            .stdout(file("report")?)
            .stderr(file("console")?)
            .spawn();
        let mut machine = Self { bench, child: as_text(child)?, folder };
        machine.wait_until(|machine| {
            machine.read("console").contains("is stopped at the kernel's first instruction")
        })?;
        Ok(machine)
    }

    /// Returns the debugger's output for these commands.
    pub(super) fn send<T: AsRef<str>>(&self, debugger: Debugger, commands: &[T]) -> Result<String, String> {
        attach(debugger, self.folder.path(), &[], commands)
    }

    /// Waits for the machine's end, and compares its report with the debugger's stops.
    pub(super) fn ends_with(mut self, transcript: &str, expected: &[Expected]) -> Result<(), String> {
        self.wait_until(|machine| !matches!(machine.child.try_wait(), Ok(None)))
            .map_err(|error| format!("{error}; the debugger's output: {transcript}"))?;
        let report = Report::parse(&self.read("report"));
        let report = report.map_err(|error| {
            format!("{error}: {}; the debugger's output: {transcript}", self.read("console"))
        })?;
        judge(self.bench, &report, transcript, expected)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    fn wait_until(&mut self, ready: impl Fn(&mut Self) -> bool) -> Result<(), String> {
        let until = Instant::now() + PATIENCE;
        while !ready(self) {
            if Instant::now() > until {
                return Err(format!(
                    "the machine printed nothing more; its console: {}",
                    self.read("console")
                ));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Debugged<'_> {
    fn drop(&mut self) {
        // QEMU ends with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A machine that `run --gdb` did not start, with a kernel that landed long ago.
pub(super) struct Landed {
    /// The folder with its debugger's socket.
    folder: TempDir,
    socket: String,
    elf: String,
    pub(super) report: Report,
    _running: Running,
}

/// Starts a machine that runs at once, and returns it with the report of its kernel. A debugger may
/// attach at `socket`.
pub(super) fn landed(bench: &Bench, machine: &Machine, socket: &Path) -> Result<(Report, Running), String> {
    let mut arguments = machine.arguments();
    arguments.extend(gdb::arguments(socket).into_iter().filter(|argument| argument != "-S"));
    let mut running = as_text(bench.qemu.start(arguments))?;
    let until = Instant::now() + PATIENCE;
    loop {
        match running.next_line(until) {
            Next::Line(line) => {
                if let Some(report) = line.strip_prefix("landfall: report ") {
                    return Ok((as_text(Report::parse(report))?, running));
                }
            }
            Next::End | Next::Late => return Err("hello does not land".to_owned()),
        }
    }
}

impl Landed {
    pub(super) fn start(bench: &Bench) -> Result<Self, String> {
        let folder = as_text(landfall_host::private::folder("landfall-"))?;
        let socket = folder.path().join("gdb");
        let hello = bench.kernels.get("hello")?;
        let machine =
            Machine { kernel: Some(hello.flat.clone()), append: Some("hold".into()), ..Machine::default() };
        let (report, running) = landed(bench, &machine, &socket)?;
        Ok(Self { folder, socket: path(&socket), elf: path(&hello.elf), report, _running: running })
    }

    pub(super) fn send(&self, debugger: Debugger, commands: &[&str]) -> Result<String, String> {
        attach(debugger, self.folder.path(), &["--connect", &self.socket, &self.elf], commands)
    }

    /// Attaches the command's own client, and lets the machine run on. QEMU keeps what the debugger
    /// before it has agreed on.
    pub(super) fn can_be_released(&self) -> Result<(), String> {
        let client = as_text(gdb::Client::connect(Path::new(&self.socket), PATIENCE))?;
        as_text(client.release())
    }
}
