//! The user's folder for files that can be made again (XDG Base Directory Specification).

use std::env;
use std::path::PathBuf;

/// Returns the folder, which may not exist yet; `None` if the environment names none.
pub(crate) fn folder() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    Some(base?.join("landfall"))
}
