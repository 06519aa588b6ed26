//! The lines of a connection.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use crate::gdb::endpoint::Stream;

/// A longer line is no answer: it must not fill the host's memory.
const LONGEST: usize = 64 << 20;

/// A connection, read line by line.
#[derive(Debug)]
pub(super) struct Lines {
    stream: Stream,
    pending: Vec<u8>,
    /// Bytes of `pending` without the end of a line.
    searched: usize,
}

impl Lines {
    pub(super) fn new(stream: impl Into<Stream>) -> Self {
        Self { stream: stream.into(), pending: Vec::new(), searched: 0 }
    }

    pub(super) fn send(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(text.as_bytes())
    }

    /// Returns the next line without its end, or the rest of a stream that has ended. `None` if no
    /// line comes by `until`.
    pub(super) fn next(&mut self, until: Instant) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.pending[self.searched..].iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.pending.drain(..=self.searched + end).collect();
                self.searched = 0;
                return Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()));
            }
            self.searched = self.pending.len();
            if self.searched > LONGEST {
                return Err(io::Error::other("a line has no end"));
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            // The system's clock is coarser than ours, and 0 would mean for ever.
            self.stream.set_read_timeout(left.max(Duration::from_millis(1)))?;
            let mut bytes = [0; 16384];
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.pending.extend(&bytes[..count]),
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
                    ) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Returns the bytes that have come and are no whole line.
    pub(super) fn rest(&self) -> String {
        String::from_utf8_lossy(&self.pending).into_owned()
    }
}
