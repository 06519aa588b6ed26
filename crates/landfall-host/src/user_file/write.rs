//! A result. A reader of a regular file sees the old one or the new one, and not half of either.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Error, ErrorKind, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::Access;
use tempfile::{Builder, NamedTempFile};

use super::folder;
use crate::private::folder_of;

/// Writes a result: as a new file that replaces a regular one, or into a device or a pipe. A
/// symbolic link is followed.
///
/// # Errors
/// Fails as [`check`] does, or returns the system's error.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Staged::write(path, bytes)?.commit()
}

/// Checks that a result can be written to `path`, before there is one. Nothing at `path` changes.
///
/// # Errors
/// Returns the system's error, or one that states why nothing can be written to this path.
pub fn check(path: &Path) -> io::Result<()> {
    match Kind::of(path)? {
        Kind::Regular => new_file(path).map(drop),
        Kind::Link => Ok(()),
        Kind::Special => Ok(rustix::fs::access(path, Access::WRITE_OK)?),
    }
}

/// Does the same for one result of two, which cannot go into the same pipe.
pub(crate) fn check_regular(path: &Path) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return Err(Error::other("it is no regular file, but two files are written; name a file"));
    }
    check(path)
}

/// Returns true if a regular file has exactly these bytes.
pub(crate) fn holds(path: &Path, bytes: &[u8]) -> bool {
    let is_like = |found: &fs::Metadata| found.is_file() && found.len() == bytes.len() as u64;
    fs::metadata(path).is_ok_and(|found| is_like(&found)) && fs::read(path).is_ok_and(|old| old == bytes)
}

/// The file that a path leads to.
enum Kind {
    /// A regular file, or nothing.
    Regular,
    /// A symbolic link to a regular file, or to nothing.
    Link,
    /// A device, a pipe or a socket, perhaps by a link.
    Special,
}

impl Kind {
    fn of(path: &Path) -> io::Result<Self> {
        let is_link = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
        let regular = if is_link { Self::Link } else { Self::Regular };
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(folder()),
            Ok(found) if !found.is_file() => Ok(Self::Special),
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            Err(_) if path.file_name().is_none() => Err(folder()),
            _ => Ok(regular),
        }
    }
}

/// A result that has its bytes, but not its place.
pub(crate) enum Staged<'a> {
    /// The file that will have the path.
    File { new: NamedTempFile, path: PathBuf },
    /// These bytes will go into what the path leads to.
    Special { path: &'a Path, bytes: &'a [u8] },
}

impl<'a> Staged<'a> {
    pub(crate) fn write(path: &'a Path, bytes: &'a [u8]) -> io::Result<Self> {
        let path = match Kind::of(path)? {
            Kind::Special => return Ok(Self::Special { path, bytes }),
            Kind::Regular => path.to_owned(),
            Kind::Link => target(path)?,
        };
        let mut new = new_file(&path)?;
        write_sparse(new.as_file_mut(), bytes)?;
        Ok(Self::File { new, path })
    }

    pub(crate) fn commit(self) -> io::Result<()> {
        match self {
            Self::File { new, path } => new.persist(path).map(drop).map_err(|error| error.error),
            Self::Special { path, bytes } => OpenOptions::new().write(true).open(path)?.write_all(bytes),
        }
    }
}

/// Returns the file that a link leads to. A missing one is created.
fn target(link: &Path) -> io::Result<PathBuf> {
    // The system refuses links that another user placed in a folder like /tmp.
    OpenOptions::new().write(true).create(true).truncate(false).open(link)?;
    fs::canonicalize(link)
}

/// Creates the file that will replace the one at `path`.
fn new_file(path: &Path) -> io::Result<NamedTempFile> {
    // As `fs::write` creates it: the umask decides.
    let mut new = Builder::new();
    let new = new.permissions(Permissions::from_mode(0o666)).tempfile_in(folder_of(path));
    // The library's message names the temporary file, which no user knows.
    new.map_err(|error| Error::from(error.kind()))
}

/// Writes what is not zero. The file is as long as all of it, and takes as much of the disk as was
/// written.
fn write_sparse(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    const PIECE: usize = 64 << 10;
    file.set_len(bytes.len() as u64)?;
    for (at, piece) in (0_u64..).step_by(PIECE).zip(bytes.chunks(PIECE)) {
        if piece.iter().any(|byte| *byte != 0) {
            file.seek(SeekFrom::Start(at))?;
            file.write_all(piece)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn threads_that_write_one_file_leave_the_whole_of_one() {
        let folder = crate::private::folder("landfall-").expect("a directory");
        let path = folder.path().join("image");
        std::thread::scope(|scope| {
            for byte in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    for _ in 0..50 {
                        write(path, &vec![byte; 0x10000]).expect("a place");
                        let found = fs::read(path).expect("the file");
                        assert!(found.len() == 0x10000 && found.iter().all(|other| *other == found[0]));
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(folder.path()).expect("the directory").count(), 1, "nothing else is left");
    }

    #[test]
    fn the_file_has_every_byte() {
        let folder = crate::private::folder("landfall-").expect("a directory");
        let path = folder.path().join("disk");
        for (at, size) in [(0, 1), (0x1_ffff, 0x2_0000), (0x1_0000, 0x3_0001), (0, 0x2_0000)] {
            let mut bytes = vec![0; size];
            bytes[at] = 1;
            write(&path, &bytes).expect("a place");
            assert!(holds(&path, &bytes), "{at:#x} of {size:#x}");
        }
    }

    #[test]
    fn a_link_that_leads_to_a_file_or_to_nothing_is_followed() {
        let folder = crate::private::folder("landfall-").expect("a directory");
        let [link, file] = ["link", "file"].map(|name| folder.path().join(name));
        symlink("file", &link).expect("a link");
        for bytes in ["new", "old"] {
            check(&link).expect("a place");
            write(&link, bytes.as_bytes()).expect("a place");
            assert!(holds(&file, bytes.as_bytes()) && link.is_symlink());
        }
        symlink("circle", folder.path().join("circle")).expect("a link");
        check(&folder.path().join("circle")).expect_err("it leads to itself");
        assert_eq!(fs::read_dir(folder.path()).expect("the directory").count(), 3, "nothing else is left");
    }

    #[test]
    fn a_device_is_written_to() {
        let full = Path::new("/dev/full");
        check(full).expect("a device");
        let error = write(full, b"bytes").expect_err("a device without room");
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        assert!(check_regular(full).expect_err("a device").to_string().contains("no regular file"));
    }

    #[test]
    fn a_folder_is_refused() {
        for path in ["/", "..", "."] {
            let error = check(Path::new(path)).expect_err("a folder").to_string();
            assert_eq!(error, "it is a folder; name a file");
            assert_eq!(write(Path::new(path), b"").expect_err("a folder").to_string(), error);
        }
        assert_eq!(check(Path::new("/none/file")).expect_err("no folder").kind(), ErrorKind::NotFound);
    }
}
