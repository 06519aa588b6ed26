//! Who gets which line: results go to stdout, everything else to stderr.
//!
//! A reader that has gone away (`cargo landfall run | head -1`) is no error of ours, so failed writes of lines are left alone;
//! `println!` would panic.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

/// A line of the result.
pub fn result(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// A result that is a document of its own. It mostly goes to a file, where half of it would pass for all of it.
///
/// # Errors
/// What the system says where it cannot be written; nothing where its reader has gone away.
pub fn document(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// A line about what goes on.
pub fn note(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// A line about what went wrong.
pub fn error(line: impl Display) {
    note(format_args!("error: {line}"));
}
