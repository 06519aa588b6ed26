//! A QEMU that runs: watched until its verdict or its end.

use std::collections::VecDeque;
use std::process::{Child, ChildStdin, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::Boot;
use super::console::Splitter;
use super::error::{QemuError, rejected};
use super::watch::{AFTER_VERDICT, Audience, ByLine, Ending, Seen, Watch};

/// The interval at which a watch checks its user. A user does not notice such a delay.
const GLANCE: Duration = Duration::from_millis(40);

/// A QEMU that runs. It is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    pub(super) child: Child,
    /// The other end of the console's keyboard.
    pub(super) keys: Option<ChildStdin>,
    pub(super) chunks: Receiver<Vec<u8>>,
    pub(super) splitter: Splitter,
    /// The lines that have not been requested yet.
    pub(super) lines: VecDeque<String>,
    pub(super) errors: Option<JoinHandle<String>>,
}

/// The next event of a console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A line, without its end.
    Line(String),
    /// The console is closed: QEMU has ended.
    End,
    /// Nothing, until the time was over.
    Late,
}

/// The same in bytes.
enum NextChunk {
    Bytes(Vec<u8>),
    End,
    Late,
}

impl Running {
    /// Returns the next line of the console, if it comes by `until`.
    pub fn next_line(&mut self, until: Instant) -> Next {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Next::Line(line);
            }
            match self.next_chunk(until) {
                NextChunk::Bytes(bytes) => {
                    self.splitter.push(&bytes);
                    let pieces = std::iter::from_fn(|| self.splitter.next());
                    self.lines.extend(pieces.filter_map(|piece| piece.line));
                }
                NextChunk::End => return self.splitter.rest().map_or(Next::End, Next::Line),
                NextChunk::Late => return Next::Late,
            }
        }
    }

    /// Returns the line that the console has begun and not ended.
    #[must_use]
    pub fn unfinished(&self) -> String {
        String::from_utf8_lossy(self.splitter.unfinished()).into_owned()
    }

    fn next_chunk(&self, until: Instant) -> NextChunk {
        match self.chunks.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(bytes) => NextChunk::Bytes(bytes),
            Err(RecvTimeoutError::Disconnected) => NextChunk::End,
            Err(RecvTimeoutError::Timeout) => NextChunk::Late,
        }
    }

    /// Returns the keyboard of the machine's console, once.
    pub const fn keys(&mut self) -> Option<ChildStdin> {
        self.keys.take()
    }

    /// Lets the machine run until its verdict, and a moment longer so that it can power off.
    /// `watch` gets each line of the console as it comes.
    ///
    /// # Errors
    /// Returns [`QemuError`] if no machine ran. A machine without a verdict is not an error of
    /// QEMU.
    pub fn watch(self, timeout: Duration, watch: impl FnMut(&str)) -> Result<Boot, QemuError> {
        self.watch_as(Watch::for_verdict(timeout), &mut ByLine(watch))
    }

    /// The same as `watch` says. `audience` gets all that the console writes.
    ///
    /// # Errors
    /// As [`Running::watch`].
    pub fn watch_as(self, watch: Watch, audience: &mut dyn Audience) -> Result<Boot, QemuError> {
        self.watch_after(Vec::new(), watch, audience)
    }

    /// The same, with `lines` that came before.
    ///
    /// # Errors
    /// [`QemuError`] if QEMU ended without a machine.
    pub fn watch_after(
        mut self,
        lines: Vec<String>,
        watch: Watch,
        audience: &mut dyn Audience,
    ) -> Result<Boot, QemuError> {
        let mut seen = Seen::new(watch);
        for line in lines.into_iter().chain(std::mem::take(&mut self.lines)) {
            audience.bytes(format!("{line}\n").as_bytes());
            seen.line(line, audience);
        }
        audience.bytes(self.splitter.unfinished());
        let (ending, status) = loop {
            if let Some(ending) = seen.over() {
                break (ending, None);
            }
            if audience.has_enough() {
                break (Ending::User, None);
            }
            match self.next_chunk(seen.next_look(GLANCE)) {
                NextChunk::Bytes(bytes) => {
                    self.splitter.push(&bytes);
                    while let Some(piece) = self.splitter.next() {
                        seen.piece(piece, self.splitter.unfinished(), audience);
                    }
                }
                NextChunk::End => break (Ending::Itself, self.wait(AFTER_VERDICT)),
                NextChunk::Late => audience.pause(),
            }
        };
        if let Some(rest) = self.splitter.rest() {
            match ending {
                Ending::Itself => seen.line(rest, audience),
                // Half a line is no verdict if we are the reason that it is half.
                _ => seen.cut_off(rest, audience),
            }
        }
        let ending = if ending == Ending::Itself { seen.at_end() } else { ending };
        audience.pause();
        let errors = self.stop();
        let console: Vec<_> = seen.transcript.lines.into();
        match status {
            Some(status) if !status.success() && console.is_empty() => Err(rejected(status, errors)),
            status => {
                let (verdict, landings) = (seen.verdict, seen.landings);
                Ok(Boot { verdict, landings, ending, console, status, errors })
            }
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
