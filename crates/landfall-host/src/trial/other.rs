//! A boot of another kernel, up to the text that is its verdict. Its tables are read then.

use std::time::{Duration, Instant};

use super::booted::Booted;
use super::rights::Rights;
use super::subject::Subject;
use crate::gdb::{self, Client, Ended, GdbError};
use crate::last_lines::LastLines;
use crate::qemu::{Next, Qemu, Running};
use crate::request::BootRequest;
use crate::run::RunError;
use crate::scratch::Scratch;

/// The time limit for QEMU to open its socket, on a busy host.
const CONNECT: Duration = Duration::from_secs(60);
/// The time that a machine runs until its console is read.
const GLANCE: Duration = Duration::from_millis(50);

/// Boots the machine of `request` and reads its tables at the verdict.
pub(super) fn boot(subject: &Subject, request: &BootRequest, qemu: &Qemu) -> Result<Booted, RunError> {
    let scratch = Scratch::create().map_err(|source| RunError::Scratch { source })?;
    let machine = subject.prepared.machine(request, qemu, scratch.path())?;
    let socket = scratch.path().join("gdb");
    let mut arguments = machine.arguments();
    arguments.extend(gdb::arguments(&socket));
    let mut running = qemu.start(arguments)?;
    let runs = || running.wait(Duration::ZERO).is_none();
    let mut gdb = match Client::connect_while(&socket, CONNECT, runs) {
        Ok(gdb) => gdb,
        Err(error) => {
            return Err(running.rejected().map_or_else(|| gone(error), RunError::Qemu));
        }
    };
    let mut console = Console::new(request);
    let ended = console.watch(&mut running, &mut gdb, request).map_err(gone)?;
    let mut booted = Booted::default();
    booted.observed.address = request.at;
    if let Some(how) = ended {
        let error = RunError::NoText { text: console.text, how, last: LastLines::of(&console.lines) };
        booted.reasons.push(error.to_string());
        return Ok(booted);
    }
    let stopped = matches!(gdb.interrupt().map_err(gone)?, Ended::Stopped(_));
    if stopped {
        match Rights::read(&mut gdb) {
            Ok(rights) => {
                booted.observed.mode = rights.mode_name();
                booted.observed.judged = vec!["rights"];
                booted.observed.rights = Some(rights);
            }
            Err(error) => booted.reasons.push(error),
        }
    }
    drop(running.stop());
    Ok(booted)
}

fn gone(error: GdbError) -> RunError {
    RunError::Stop(error.into())
}

/// A console on which a text is awaited.
struct Console {
    text: String,
    lines: Vec<String>,
}

impl Console {
    fn new(request: &BootRequest) -> Self {
        Self { text: request.until.clone().unwrap_or_default(), lines: Vec::new() }
    }

    /// Lets the machine run until the text is on the console. Returns how it ended otherwise.
    fn watch(
        &mut self,
        running: &mut Running,
        gdb: &mut Client,
        request: &BootRequest,
    ) -> Result<Option<String>, GdbError> {
        let until = Instant::now() + request.timeout;
        let mut ended = gdb.resume(GLANCE)?;
        loop {
            if self.shows(running, Instant::now()) {
                return Ok(None);
            }
            match ended {
                Ended::Exited => {
                    // The last lines may still be on their way.
                    let patience = Instant::now() + Duration::from_secs(2);
                    let shows = self.shows(running, patience);
                    return Ok((!shows).then(|| "the machine ended".to_owned()));
                }
                _ if Instant::now() >= until => {
                    return Ok(Some(format!("{} s are over", request.timeout.as_secs())));
                }
                Ended::Late => ended = gdb.wait(GLANCE)?,
                Ended::Stopped(_) => ended = gdb.resume(GLANCE)?,
            }
        }
    }

    /// Reads the console until `until`. Returns true if the text is on it.
    fn shows(&mut self, running: &mut Running, until: Instant) -> bool {
        while let Next::Line(line) = running.next_line(until) {
            let found = line.contains(&self.text);
            self.lines.push(line);
            if found {
                return true;
            }
        }
        running.unfinished().contains(&self.text)
    }
}
