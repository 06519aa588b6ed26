//! Requests, answers and events.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::QmpError;
use super::error::beginning;
use super::lines::Lines;
use crate::gdb::endpoint::Endpoint;

/// The time limit for an answer, with all events that come before it. QEMU may write gigabytes to a
/// slow disk.
const PATIENCE: Duration = Duration::from_secs(60);

/// Requests that are sent at once. QEMU reads no more before it has answered some.
const AT_ONCE: usize = 8;

/// The time limit for a debugger's answer.
const GLANCE: Duration = Duration::from_millis(200);

/// Returns true if a silent connection is that of a debugger's stub. The stub has stopped the
/// machine for it; the packet `D` lets it go on.
fn is_debugger(lines: &mut Lines) -> bool {
    let answer = lines.send("+$D#44").and_then(|()| lines.next(Instant::now() + GLANCE));
    answer.is_ok() && lines.rest().contains("$OK#")
}

/// A connection to QEMU's QMP.
#[derive(Debug)]
pub struct Client {
    lines: Lines,
    patience: Duration,
    commands: u64,
    resumes: u64,
}

impl Client {
    /// Connects to QEMU at `endpoint`, and waits at most `patience` for its greeting, and
    /// for the answer to it.
    ///
    /// # Errors
    /// [`QmpError`] if nothing listens there, or something else than QMP.
    pub fn connect(endpoint: &Endpoint, patience: Duration) -> Result<Self, QmpError> {
        let of = || endpoint.clone();
        let stream = endpoint.connect().map_err(|source| QmpError::Connect { endpoint: of(), source })?;
        let mut lines = Lines::new(stream);
        let first = match lines.next(Instant::now() + patience) {
            Ok(Some(line)) => line,
            Ok(None) => lines.rest(),
            Err(error) => return Err(QmpError::Connect { endpoint: of(), source: error }),
        };
        if first.is_empty() {
            return Err(if is_debugger(&mut lines) {
                QmpError::Debugger { endpoint: of() }
            } else {
                QmpError::NoGreeting { endpoint: of() }
            });
        }
        let greeting: Option<Value> = serde_json::from_str(&first).ok();
        if greeting.is_none_or(|greeting| greeting.get("QMP").is_none()) {
            return Err(QmpError::OtherProtocol { endpoint: of(), line: beginning(&first) });
        }
        let mut client = Self { lines, patience, commands: 0, resumes: 0 };
        client.execute("qmp_capabilities", &json!({}))?;
        client.commands = 0;
        client.patience = PATIENCE;
        Ok(client)
    }

    /// Returns the connection with another time limit for each answer than a minute.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Executes a command and returns its result.
    ///
    /// # Errors
    /// [`QmpError`] if QEMU refuses it, or the connection breaks.
    pub fn execute(&mut self, command: &str, arguments: &Value) -> Result<Value, QmpError> {
        self.send(command, arguments)?;
        self.answer(command)
    }

    /// Executes a command once for each of `arguments`, some of them at once.
    ///
    /// # Errors
    /// As [`Client::execute`].
    pub fn execute_all(&mut self, command: &str, arguments: Vec<Value>) -> Result<(), QmpError> {
        let mut left = arguments.into_iter().peekable();
        while left.peek().is_some() {
            let mut sent = 0;
            for arguments in left.by_ref().take(AT_ONCE) {
                self.send(command, &arguments)?;
                sent += 1;
            }
            // Each answer is read, also after a refusal: the next command's must come first.
            let answers: Vec<_> = (0..sent).map(|_| self.answer(command)).collect();
            answers.into_iter().try_for_each(|answer| answer.map(drop))?;
        }
        Ok(())
    }

    /// Executes a command of QEMU's monitor for people, and returns its text.
    ///
    /// # Errors
    /// As [`Client::execute`].
    pub fn monitor(&mut self, line: &str) -> Result<String, QmpError> {
        let text = self.execute("human-monitor-command", &json!({ "command-line": line }))?;
        let shown = || QmpError::Answer { command: line.to_owned(), line: beginning(&text.to_string()) };
        text.as_str().map(str::to_owned).ok_or_else(shown)
    }

    /// Returns the number of commands so far.
    #[must_use]
    pub const fn commands(&self) -> u64 {
        self.commands
    }

    /// Returns how often the machine has resumed, by the events that came so far.
    #[must_use]
    pub const fn resumes(&self) -> u64 {
        self.resumes
    }

    fn send(&mut self, command: &str, arguments: &Value) -> Result<(), QmpError> {
        self.commands += 1;
        let request = json!({ "execute": command, "arguments": arguments });
        Ok(self.lines.send(&format!("{request}\n"))?)
    }

    fn answer(&mut self, command: &str) -> Result<Value, QmpError> {
        let until = Instant::now() + self.patience;
        let command = || command.to_owned();
        loop {
            // Lines that have come are read without a look at the time.
            let line = if Instant::now() < until { self.lines.next(until)? } else { None };
            let line =
                line.ok_or_else(|| QmpError::Silent { command: command(), patience: self.patience })?;
            let wrong = || QmpError::Answer { command: command(), line: beginning(&line) };
            let mut answer: Value = serde_json::from_str(&line).map_err(|_| wrong())?;
            if let Some(event) = answer.get("event") {
                self.resumes += u64::from(event == "RESUME");
                continue;
            }
            if let Some(error) = answer.get("error") {
                let reason = error.get("desc").and_then(Value::as_str).unwrap_or("no reason");
                return Err(QmpError::Refused { command: command(), reason: reason.to_owned() });
            }
            return answer.get_mut("return").map(Value::take).ok_or_else(wrong);
        }
    }
}
