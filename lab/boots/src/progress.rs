//! How far the matrix is, on stderr: in place on a terminal, else a line now and then.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Without a terminal, a line every so many cases.
const STEP: usize = 25;

/// The line.
#[derive(Debug)]
pub(super) struct Progress {
    all: usize,
    done: usize,
    failed: usize,
    since: Instant,
    in_place: bool,
}

impl Progress {
    pub(super) fn new(all: usize) -> Self {
        Self { all, done: 0, failed: 0, since: Instant::now(), in_place: std::io::stderr().is_terminal() }
    }

    /// One more is over.
    pub(super) fn step(&mut self, passed: bool) {
        self.done += 1;
        self.failed += usize::from(!passed);
        if self.in_place {
            let _ = write!(std::io::stderr(), "\r\x1b[K{}", self.line());
        } else if self.done.is_multiple_of(STEP) || self.done == self.all {
            let _ = writeln!(std::io::stderr(), "{}", self.line());
        }
    }

    /// Leaves the line alone, so that others can be written.
    pub(super) fn clear(&self) {
        if self.in_place {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }

    fn line(&self) -> String {
        format!("{} of {} cases, {} failed, {} s", self.done, self.all, self.failed, self.elapsed().as_secs())
    }
}
