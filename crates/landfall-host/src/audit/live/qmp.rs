//! A machine by QMP. `pmemsave` writes physical memory to files of ours.

use std::fs;
use std::time::{Duration, Instant};

use landfall_audit::{Format, Phys, Span};
use serde_json::{Value, json};

use super::super::snapshot::Source;
use super::{Before, LiveError, Machine, extensions, flat_view};
use crate::gdb::endpoint::Endpoint;
use crate::qmp::{Client, QmpError};
use crate::scratch::Scratch;

/// The time limit for QMP's greeting, which comes at once.
const GREETING: Duration = Duration::from_secs(5);
/// The time limit for each answer: QEMU writes a few MiB for one.
const PATIENCE: Duration = Duration::from_secs(10);

/// A machine by QMP.
#[derive(Debug)]
pub struct Qmp {
    client: Client,
    memory: Vec<Span<Phys>>,
    format: Option<Format>,
    scratch: Scratch,
    /// The moment of the stop, and the resumes until then.
    stopped: Option<(Instant, u64)>,
}

impl Qmp {
    /// Connects to a machine. It goes on meanwhile.
    ///
    /// # Errors
    /// [`LiveError`] if no QMP is there, or its machine has no memory.
    pub fn connect(endpoint: &Endpoint) -> Result<Self, LiveError> {
        let mut client = Client::connect(endpoint, GREETING)?.with_patience(PATIENCE);
        let memory = flat_view::memory(&client.monitor("info mtree -f")?);
        if memory.is_empty() {
            return Err(LiveError::NoMemory);
        }
        let format = extensions::format(|command| client.monitor(command))?;
        let scratch = Scratch::create().map_err(|source| LiveError::Folder { source })?;
        Ok(Self { client, memory, format, scratch, stopped: None })
    }

    #[cfg(test)]
    pub(super) fn folder(&self) -> &std::path::Path {
        self.scratch.path()
    }

    /// Returns QEMU's name of the machine's state, and whether it runs.
    fn status(&mut self) -> Result<(String, bool), LiveError> {
        let status = self.client.execute("query-status", &json!({}))?;
        let name = status.get("status").and_then(Value::as_str).unwrap_or("unknown").to_owned();
        let runs = status.get("running").and_then(Value::as_bool).unwrap_or(false);
        Ok((name, runs))
    }
}

impl Machine for Qmp {
    fn stop(&mut self) -> Result<Before, LiveError> {
        let (state, runs) = self.status()?;
        let begin = Instant::now();
        if runs {
            self.client.execute("stop", &json!({}))?;
        }
        self.stopped = Some((begin, self.client.resumes()));
        Ok(if runs { Before::Ran } else { Before::Stood { state } })
    }

    fn resume(&mut self, before: &Before) -> Result<Option<Duration>, LiveError> {
        let stopped = self.stopped.take();
        let (_, runs) = self.status()?;
        let ran_on = runs || stopped.is_some_and(|(_, resumes)| self.client.resumes() != resumes);
        if *before == Before::Ran && !runs {
            self.client.execute("cont", &json!({}))?;
        }
        match stopped {
            _ if ran_on => Err(LiveError::RanOn),
            Some((begin, _)) if *before == Before::Ran => Ok(Some(begin.elapsed())),
            _ => Ok(None),
        }
    }

    fn monitor(&mut self, command: &str) -> Result<String, LiveError> {
        Ok(self.client.monitor(command)?)
    }

    fn format(&self) -> Option<Format> {
        self.format
    }

    fn commands(&self) -> u64 {
        self.client.commands()
    }
}

impl Source for Qmp {
    type Error = LiveError;

    fn memory(&self) -> &[Span<Phys>] {
        &self.memory
    }

    fn read(&mut self, spans: &[Span<Phys>]) -> Result<Vec<Vec<u8>>, LiveError> {
        let file = |index: usize| self.scratch.path().join(format!("memory-{index}"));
        let command = |(index, span): (usize, &Span<Phys>)| json!({ "val": span.start.0, "size": span.size, "filename": file(index).to_string_lossy() });
        let commands = spans.iter().enumerate().map(command).collect();
        let not_written = |path, reason| LiveError::NotWritten { path, reason };
        self.client.execute_all("pmemsave", commands).map_err(|error| match error {
            QmpError::Refused { reason, .. } => not_written(file(0), reason),
            error => error.into(),
        })?;
        let read = |(index, span): (usize, &Span<Phys>)| {
            let path = file(index);
            let bytes = fs::read(&path).map_err(|error| not_written(path.clone(), error.to_string()))?;
            let _ = fs::remove_file(&path);
            if bytes.len() as u64 == span.size {
                Ok(bytes)
            } else {
                Err(not_written(path, format!("it has {} bytes, not {}", bytes.len(), span.size)))
            }
        };
        spans.iter().enumerate().map(read).collect()
    }
}
