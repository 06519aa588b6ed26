//! Who gets which line: results go to stdout, everything else to stderr.
//!
//! A reader that has gone away (`cargo landfall run | head -1`) is no error of ours, so failed writes are left alone;
//! `println!` would panic.

use std::fmt::Display;
use std::io::Write;

/// A line of the result.
pub fn result(line: impl Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A line about what goes on.
pub fn note(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A line about what went wrong.
pub fn error(line: impl Display) {
    note(format_args!("error: {line}"));
}
