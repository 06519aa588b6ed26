//! Single packages of another Debian release, by their hash, for tests: an older compiler, kernels and firmware that others built.
//!
//! Nothing is installed, and the system's sources stay as they are. The mirror is the one that the system's own sources name; apt
//! downloads and verifies, `dpkg-deb` unpacks into a folder of ours. Root is not needed.
//!
//! A package is asked for by the place in the pool and the SHA-256 of [`table`]. Debian replaces files in the pool when it updates a
//! release. What has left the pool is looked up in the release's index, which apt verifies by Debian's signature, and
//! is taken by the hash that stands there.
//!
//! ```text
//! table    which packages: version, place in the pool, SHA-256
//! fetch    apt and dpkg-deb, as commands
//! index    what the release has by now
//! rust     the compiler among them, ready to be run on this system
//! sbsign   the signer of EFI applications, likewise
//! ```

mod fetch;
mod index;
mod rust;
mod sbsign;
pub mod table;

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::{fs, io};

use rustix::fs::FlockOperation;
use thiserror::Error;

use super::sources::Source;
use super::system;
use crate::output;
use fetch::Download;
use index::Index;
pub use rust::Rust;
pub use sbsign::Sbsign;
pub use table::{Package, Set};

/// The file that says of a folder what was asked for. It is written last.
const ASKED: &str = "landfall-asked";

/// The file that lists what came in place of what was asked for.
const NEWER: &str = "landfall-newer";

/// Why packages did not come.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// There is no mirror to ask.
    #[error("packages of another Debian release come from the mirror of a Debian system, and {obstacle}")]
    NoMirror {
        /// What is in the way.
        obstacle: String,
    },
    /// A program cannot be started.
    #[error("`{program}` did not start: {source}")]
    Start {
        /// The program.
        program: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// A program said no.
    #[error("`{program}` {what} failed ({status}); what it says stands above")]
    Failed {
        /// The program.
        program: &'static str,
        /// What it was to do.
        what: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// Neither the pool nor the index has it.
    #[error(
        "no {package} {version} at {path} with SHA-256 {sha256}, and the release's index names no newer one: look at what `apt-get` says above, \
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
        "{package} {version} has the SHA-256 {sha256} in setup/archive/table.rs and {found} in the release's signed index: one of the two is wrong"
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
    /// The file system said no.
    #[error("cannot write {path}: {source}")]
    File {
        /// Where.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The programs among the packages are for another kind of computer.
    #[error("the packages of {set} are for amd64, and this computer is {host}")]
    Host {
        /// Which packages.
        set: &'static str,
        /// What this is.
        host: &'static str,
    },
}

/// The folder below `cache` that holds the files of `set`, fetched and unpacked where they are not there yet.
///
/// # Errors
/// [`ArchiveError`] says what was looked for.
pub fn unpacked(set: &Set, cache: &Path) -> Result<PathBuf, ArchiveError> {
    let _lock = lock(cache)?;
    unpacked_locked(set, cache)
}

/// Keeps other processes from working in `cache` until the file is closed.
fn lock(cache: &Path) -> Result<fs::File, ArchiveError> {
    let path = cache.join(".lock");
    let locked = || {
        fs::create_dir_all(cache)?;
        let file = fs::File::create(&path)?;
        rustix::fs::flock(&file, FlockOperation::LockExclusive)?;
        Ok(file)
    };
    locked().map_err(|source| ArchiveError::File { path: path.clone(), source })
}

fn unpacked_locked(set: &Set, cache: &Path) -> Result<PathBuf, ArchiveError> {
    let folder = cache.join(set.name);
    let asked = set.listing();
    if fs::read_to_string(folder.join(ASKED)).is_ok_and(|before| before == asked) {
        return Ok(folder);
    }
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| ArchiveError::File { path, source }
    };
    output::note(format_args!(
        "setup: fetching {} of Debian's {} into {}: {}",
        if set.packages.len() == 1 { "a package" } else { "packages" },
        set.release,
        folder.display(),
        set.names()
    ));
    let mirror = mirror()?;
    let work = tempfile::Builder::new().prefix("fetch-").tempdir_in(cache).map_err(at(cache))?;
    let newer = download(set, &mirror, work.path())?;
    let tree = work.path().join("tree");
    fs::create_dir(&tree).map_err(at(&tree))?;
    for package in set.packages {
        fetch::unpack(package, &file(package, work.path()), &tree)?;
    }
    if !newer.is_empty() {
        fs::write(tree.join(NEWER), newer).map_err(at(&tree))?;
    }
    fs::write(tree.join(ASKED), asked).map_err(at(&tree))?;
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(at(&folder))?;
    }
    fs::rename(&tree, &folder).map_err(at(&folder))?;
    Ok(folder)
}

/// What came into `folder` in place of what was asked for, because Debian has replaced it: a line for each package, with its address and SHA-256.
#[must_use]
pub fn newer(folder: &Path) -> Option<String> {
    fs::read_to_string(folder.join(NEWER)).ok()
}

/// The file that a package is downloaded into.
fn file(package: &Package, work: &Path) -> PathBuf {
    work.join(format!("{}.deb", package.name))
}

/// Downloads the packages into `work`, and says which of them are newer ones.
fn download(set: &Set, mirror: &Source, work: &Path) -> Result<String, ArchiveError> {
    let pool = mirror.uri().trim_end_matches('/');
    let downloads = set.packages.iter().map(|package| Download {
        uri: format!("{pool}/{}", package.path),
        sha256: package.sha256.to_owned(),
        file: file(package, work),
    });
    fetch::download(&downloads.collect::<Vec<_>>())?;
    let gone: Vec<_> = set.packages.iter().filter(|package| !file(package, work).is_file()).collect();
    if gone.is_empty() {
        return Ok(String::new());
    }
    output::note(format_args!(
        "setup: not all of it came from the pool; the index of {} says what is there by now",
        set.release
    ));
    let index = Index::read(mirror, set.release, &gone, &work.join("index"))?;
    let mut lines = String::new();
    for package in gone {
        let newer = index.newer(package, file(package, work))?;
        let line = format!("{} is {} by now, SHA-256 {}", package.name, newer.uri, newer.sha256);
        output::note(format_args!("setup: {line}"));
        lines += &line;
        lines.push('\n');
        fetch::download(&[newer])?;
        if !file(package, work).is_file() {
            return Err(package.gone());
        }
    }
    Ok(lines)
}

/// Where this system gets its own release from: the other one lies there too.
fn mirror() -> Result<Source, ArchiveError> {
    system::debian().map_err(|obstacle| ArchiveError::NoMirror { obstacle })
}
