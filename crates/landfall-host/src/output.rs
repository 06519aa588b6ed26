//! Output: results go to stdout, everything else to stderr.
//!
//! A closed pipe (`cargo landfall run | head -1`) is not an error; `println!` would panic. Any
//! other line of a result that cannot be written is recorded: lines come from deep within a boot,
//! which continues. [`written`] reports the failure at the end.
//!
//! This module escapes every line, except for its own line ends and tabs. No file, tree, console or
//! tool reaches the terminal unescaped, except a console whose user is at its keyboard ([`raw`]).
//!
//! A name within a line is also wrapped in [`landfall_inspect::Escaped`], so that its line ends
//! cannot imitate a line of this command.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::sync::{Mutex, PoisonError};

use landfall_inspect::escape::Lines;

/// Why the first line of the result that was lost could not be written.
static LOST: Mutex<Option<io::Error>> = Mutex::new(None);

/// A line of the result, or all of one that is a document of its own.
pub fn result(line: impl Display) {
    record(writeln!(io::stdout(), "{}", Lines(line)));
}

/// Records the outcome of a write to stdout, for [`written`].
pub fn record(outcome: io::Result<()>) {
    if let Err(error) = unless_gone(outcome) {
        LOST.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

/// Bytes of a console for the user who sits at its keyboard: as they are, and at once.
pub fn raw(bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let mut stdout = io::stdout().lock();
    record(stdout.write_all(bytes).and_then(|()| stdout.flush()));
}

/// Returns an error if a line of the result could not be written.
///
/// # Errors
/// Returns the system's error for the first such line.
pub fn written() -> io::Result<()> {
    match LOST.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(error) => Err(error),
        None => unless_gone(io::stdout().flush()),
    }
}

/// A reader that has gone away wants no more.
fn unless_gone(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// A line about what goes on.
pub fn note(line: impl Display) {
    let _ = writeln!(io::stderr(), "{}", Lines(line));
}

/// A line about what went wrong.
pub fn error(line: impl Display) {
    note(format_args!("error: {line}"));
}
