//! The files that a user names.
//!
//! ```text
//! read    an input as a whole, up to a limit
//! write   a result: a new regular file, or bytes for a device or a pipe
//! ```

mod read;
mod write;

use std::fs::{self, File};
use std::io::{self, Error};
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

pub use read::{Limit, read};
pub(crate) use write::{Staged, check_regular, holds};
pub use write::{check, write};

/// Returns true if both paths lead to the same file.
#[must_use]
pub fn is_same(one: &Path, other: &Path) -> bool {
    identity(one).is_ok_and(|one| identity(other).is_ok_and(|other| one == other))
}

/// Returns true if `path` leads to stdout, as `/dev/stdout` does.
#[must_use]
pub fn is_stdout(path: &Path) -> bool {
    let stdout = io::stdout().as_fd().try_clone_to_owned().and_then(|stdout| File::from(stdout).metadata());
    stdout.is_ok_and(|stdout| identity(path).is_ok_and(|path| path == (stdout.dev(), stdout.ino())))
}

/// Returns the device and the number of the file.
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::metadata(path).map(|file| (file.dev(), file.ino()))
}

fn folder() -> Error {
    Error::other("it is a folder; name a file")
}
