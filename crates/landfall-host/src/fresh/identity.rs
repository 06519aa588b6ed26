//! The state of a file.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The identity of a path at which nothing is.
const ABSENT: &str = "-";

/// The time that must lie between a file's last change and the look at it. File systems count time
/// in steps, up to two seconds in FAT, so a change right after the look would be invisible.
const STEP: Duration = Duration::from_secs(2);

/// Returns the identity of the file or folder at `path`: its place on the disk, its size, and the
/// times of its last changes. `None` if it cannot be read.
///
/// A change of its content changes at least its ctime, which programs cannot set.
pub(crate) fn of(path: &Path) -> Option<String> {
    let file = fs::metadata(path).ok()?;
    let place = [file.dev(), file.ino(), file.size()];
    let changed = [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()];
    Some(format!("{place:?} {changed:?}"))
}

/// Returns the same for a path at which nothing may be.
pub(super) fn or_absent(path: &Path) -> String {
    of(path).unwrap_or_else(|| ABSENT.to_owned())
}

/// Returns true if a change after `look` would change the identity.
pub(super) fn is_settled(path: &Path, look: SystemTime) -> bool {
    let Ok(file) = fs::metadata(path) else { return true };
    let last = file.mtime().max(file.ctime());
    let before = look.checked_sub(STEP).and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    before.is_some_and(|before| i128::from(last) < i128::from(before.as_secs()))
}
