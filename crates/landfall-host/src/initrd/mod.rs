//! An initial RAM disk, as a user names it.
//!
//! ```text
//! archive  an initrd that is an archive of files
//! ```

pub mod archive;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use archive::ArchiveError;

/// An initrd that cannot be loaded.
#[derive(Debug, Error)]
pub enum InitrdError {
    /// The file cannot be read.
    #[error("cannot read the initrd {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The path names something else than a file.
    #[error("the initrd {path} is not a regular file; write its content into a file and name that file")]
    NoFile {
        /// The path.
        path: PathBuf,
    },
    /// The file is no archive, to which files are to be added.
    #[error("cannot add files to the initrd {path}: {source}")]
    NoArchive {
        /// The file.
        path: PathBuf,
        /// The fault.
        source: ArchiveError,
    },
    /// The archive already has a file that is to be added.
    #[error("the initrd {path} already has a file {name}; remove the file, or --then")]
    Taken {
        /// The archive.
        path: PathBuf,
        /// The file in it.
        name: &'static str,
    },
}

/// Makes sure that `path` is a file that can be read.
///
/// The loader differs by firmware (QEMU, or this command for a disk), and so would the messages. A
/// pipe would block for ever.
///
/// # Errors
/// [`InitrdError`] if `path` is no readable file.
pub fn check(path: &Path) -> Result<(), InitrdError> {
    let cannot = |source| InitrdError::Read { path: path.to_owned(), source };
    if !fs::metadata(path).map_err(cannot)?.is_file() {
        return Err(InitrdError::NoFile { path: path.to_owned() });
    }
    File::open(path).map(drop).map_err(cannot)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn refused(path: &Path) -> String {
        let failure = check(path).expect_err("no file");
        failure.to_string()
    }

    #[test]
    fn an_initrd_is_a_file() {
        let folder = crate::private::folder("landfall-").expect("a directory");
        let [file, missing, pipe] = ["file", "missing", "pipe"].map(|name| folder.path().join(name));
        fs::write(&file, "x").expect("a file");
        check(&file).expect("a file");
        let message = refused(&missing);
        assert!(message.contains("initrd") && message.contains("missing: No such file"), "{message}");
        let mode = rustix::fs::Mode::RWXU;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).expect("a pipe");
        for path in [folder.path(), &pipe] {
            let message = refused(path);
            assert!(
                message.contains(&format!("the initrd {} is not a regular file", path.display())),
                "{message}"
            );
        }
    }
}
