//! The program of this process, to run it once more.

use std::io;
use std::path::PathBuf;

/// Returns a path of the program that runs, for a process started by this one.
///
/// A build or an installation may replace the file meanwhile. The link in `/proc` leads to the
/// program that runs even then, while the file's own path would start another program, or none.
///
/// # Errors
/// Returns the system's error if the path is unknown.
pub(crate) fn program() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}
