//! The errors of this module.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use thiserror::Error;

use crate::setup::NotInstalled;

/// Why packages did not come.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The user does not want it fetched.
    #[error(transparent)]
    NotInstalled(#[from] NotInstalled),
    /// There is no mirror to ask.
    #[error("packages of another Debian release need the mirror of a Debian system; {obstacle}")]
    NoMirror {
        /// The obstacle.
        obstacle: String,
    },
    /// A program cannot be started.
    #[error("`{program}` did not start: {source}")]
    Start {
        /// The program.
        program: &'static str,
        /// The system's error.
        source: io::Error,
    },
    /// A program failed.
    #[error("`{program}` {what} failed ({status}); its messages are above")]
    Failed {
        /// The program.
        program: &'static str,
        /// The operation.
        what: String,
        /// Its exit status.
        status: ExitStatus,
    },
    /// Nothing arrived, without an error.
    #[error(
        "cannot fetch {what}; the messages of `apt-get` are above; check the network, or set `http_proxy`"
    )]
    Unreached {
        /// The requested file.
        what: String,
    },
    /// Neither the pool nor the index has it.
    #[error(
        "no {package} {version} at {path} with SHA-256 {sha256}; the release's index names no newer one; read the messages of `apt-get` above, \
         find the package's version, path and SHA-256 in that index (Packages), and write them into setup/archive/table.rs"
    )]
    Gone {
        /// The package.
        package: &'static str,
        /// The version of our table.
        version: &'static str,
        /// Its place in the pool.
        path: &'static str,
        /// Its hash.
        sha256: &'static str,
    },
    /// The release has the version of our table with another hash.
    #[error(
        "{package} {version} has the SHA-256 {sha256} in setup/archive/table.rs, but {found} in the release's signed index; correct the table if the index is right"
    )]
    Changed {
        /// The package.
        package: &'static str,
        /// Its version.
        version: &'static str,
        /// Its hash in our table.
        sha256: &'static str,
        /// Its hash in the index.
        found: String,
    },
    /// It came, and is another one than it was.
    #[error(
        "the packages of {set} contain no {file}, or an empty one; they are newer than this landfall; update landfall"
    )]
    Lacks {
        /// Which packages.
        set: &'static str,
        /// The requested packages.
        file: &'static str,
    },
    /// The file system returned an error.
    #[error("cannot write {path}: {source}")]
    File {
        /// The address.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The programs among the packages are for another kind of computer.
    #[error("the packages of {set} are for amd64, but this computer is {host}")]
    Host {
        /// Which packages.
        set: &'static str,
        /// This computer's architecture.
        host: &'static str,
    },
}
