//! Folders outside of the checkout in which tests build packages of their own. Each stays for the
//! next run, which builds only what has changed.
//!
//! Inside of the checkout Cargo would take its settings and its workspace for the packages.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use landfall_host::firmware::find;
use landfall_host::private;
use rustix::fs::{FlockOperation, flock};

use super::session::as_text;

/// Returns the folder `name` of this checkout, for its owner alone.
pub(super) fn folder(name: &str) -> Result<PathBuf, String> {
    let checkout = as_text(std::env::current_dir().and_then(fs::canonicalize))?;
    let mut hasher = DefaultHasher::new();
    checkout.hash(&mut hasher);
    let folder = as_text(find::cache())?.join(format!("tests/{:016x}", hasher.finish())).join(name);
    as_text(private::folders(&folder))?;
    Ok(folder)
}

/// Waits until no other test of any process has this folder, and keeps others out until the file
/// is closed.
pub(super) fn lock(folder: &std::path::Path) -> Result<File, String> {
    let file = as_text(File::create(folder.join(".lock")))?;
    as_text(flock(&file, FlockOperation::LockExclusive))?;
    Ok(file)
}
