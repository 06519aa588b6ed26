//! Files and folders for their owner alone: their contents may disclose where a kernel lies.
//!
//! The umask of most systems leaves new folders open to everybody, and `tempfile` follows it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{Access, OFlags};
use tempfile::{Builder, NamedTempFile, TempDir};

/// Read, write and enter, for the owner.
const FOLDER: u32 = 0o700;
/// Read and write, for the owner.
const FILE: u32 = 0o600;

/// Makes a new folder in the temporary directory. It goes with the value.
///
/// # Errors
/// Returns the system's error if no folder can be made.
pub fn folder(prefix: &str) -> io::Result<TempDir> {
    folder_in(&std::env::temp_dir(), prefix)
}

/// Makes a new folder in `parent`. It goes with the value.
///
/// # Errors
/// Returns the system's error if no folder can be made.
pub fn folder_in(parent: &Path, prefix: &str) -> io::Result<TempDir> {
    Builder::new().prefix(prefix).permissions(fs::Permissions::from_mode(FOLDER)).tempdir_in(parent)
}

/// Makes the folder `path` and those above it that are missing. Existing folders keep their modes.
///
/// # Errors
/// Returns the system's error if one of them cannot be made.
pub fn folders(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER).create(path)
}

/// Writes `bytes` to `path`: to a new file that replaces a regular one, or into a device or pipe.
///
/// A reader sees the old file or the new one. The old file itself stays as it is for its other
/// names.
///
/// # Errors
/// Fails as a check of its place does, or returns the system's error.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    check(path)?;
    if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        return write_into(path, bytes);
    }
    let mut new = new_file(path)?;
    new.write_all(bytes)?;
    new.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Checks that [`write()`] can write to `path` before there is anything to write. The new file is
/// created and removed; what exists at `path` stays as it is.
///
/// # Errors
/// Fails as [`write()`] would.
pub fn try_place(path: &Path) -> io::Result<()> {
    check(path)?;
    if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        return Ok(rustix::fs::access(path, Access::WRITE_OK)?);
    }
    new_file(path).map(drop)
}

/// Checks that no folder and no link is at `path`, and that its folder exists.
///
/// # Errors
/// Fails if the folder of `path` is missing, or if `path` is a folder or a symbolic link: another
/// user may have placed the link.
fn check(path: &Path) -> io::Result<()> {
    let folder = fs::metadata(folder_of(path))?;
    if !folder.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => {
            Err(io::Error::other("it is a symbolic link, which is not followed; name the file itself"))
        }
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        _ if path.file_name().is_none() => Err(io::ErrorKind::IsADirectory.into()),
        _ => Ok(()),
    }
}

/// Creates the file that will replace the one at `path`.
fn new_file(path: &Path) -> io::Result<NamedTempFile> {
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    let mut new = Builder::new();
    let new = new.prefix(&prefix).permissions(fs::Permissions::from_mode(FILE));
    // The library's message names the temporary file, which no user knows.
    new.tempfile_in(folder_of(path)).map_err(|error| io::Error::from(error.kind()))
}

/// Writes into what is no regular file, and follows no link that takes its place meanwhile.
fn write_into(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let flags = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let mut file = OpenOptions::new().write(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() {
        return Err(io::Error::other("another file replaced it"));
    }
    file.write_all(bytes)
}

/// Returns the folder that `path` lies in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    }

    #[test]
    fn only_the_owner_enters_a_folder() {
        let folder = folder("landfall-").expect("a folder");
        assert_eq!(mode(folder.path()), 0o700);
        let inner = folder_in(folder.path(), "inner-").expect("a folder");
        assert_eq!(mode(inner.path()), 0o700);
        let deep = folder.path().join("a/b");
        folders(&deep).expect("two folders");
        folders(&deep).expect("they are there");
        assert_eq!((mode(&deep), mode(&folder.path().join("a"))), (0o700, 0o700));
    }

    #[test]
    fn a_symbolic_link_is_refused_and_its_target_stays_as_it_is() {
        let folder = folder("landfall-").expect("a folder");
        let [target, link, dangling] = ["target", "link", "dangling"].map(|name| folder.path().join(name));
        fs::write(&target, "precious").expect("a file");
        fs::set_permissions(&target, fs::Permissions::from_mode(0o644)).expect("our own file");
        symlink(&target, &link).expect("a link");
        symlink(folder.path().join("none"), &dangling).expect("a link");
        for path in [&link, &dangling] {
            let error = write(path, b"seeds").expect_err("a link").to_string();
            assert!(error.contains("symbolic link"), "{error}");
            assert_eq!(check(path).expect_err("a link").to_string(), error);
        }
        assert_eq!(fs::read(&target).expect("the file"), b"precious");
        assert_eq!(mode(&target), 0o644);
        assert!(!folder.path().join("none").exists());
    }

    #[test]
    fn another_name_of_a_file_keeps_its_content_and_mode() {
        let folder = folder("landfall-").expect("a folder");
        let [name, other] = ["name", "other"].map(|name| folder.path().join(name));
        fs::write(&name, "precious").expect("a file");
        fs::set_permissions(&name, fs::Permissions::from_mode(0o644)).expect("our own file");
        fs::hard_link(&name, &other).expect("a second name");
        write(&name, b"seeds").expect("a place");
        assert_eq!((fs::read(&name).expect("the file").as_slice(), mode(&name)), (&b"seeds"[..], 0o600));
        assert_eq!((fs::read(&other).expect("the file").as_slice(), mode(&other)), (&b"precious"[..], 0o644));
        assert_ne!(fs::metadata(&name).expect("one").ino(), fs::metadata(&other).expect("two").ino());
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 2, "nothing else is left");
    }

    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        let before = mode(Path::new("/dev/null"));
        write(Path::new("/dev/null"), b"seeds").expect("a device");
        assert_eq!(mode(Path::new("/dev/null")), before);
        assert!(!fs::metadata("/dev/null").expect("the device").is_file());
    }
}
