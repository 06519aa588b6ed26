//! Single packages of another Debian release, by their hash, for tests: an older compiler, kernels
//! and firmware that others built.
//!
//! Nothing is installed, and the system's sources stay as they are. The mirror is the one that the
//! system's own sources name; apt downloads and verifies, `dpkg-deb` unpacks into a folder of ours.
//! Root is not needed.
//!
//! A package is requested by the path in the pool and the SHA-256 of [`table`]. Debian replaces
//! files in the pool when it updates a release. A package that has left the pool is looked up in
//! the release's index, which apt verifies by Debian's signature. Its hash in the index is required
//! then.
//!
//! ```text
//! table    which packages: version, place in the pool, SHA-256
//! fetch    apt and dpkg-deb, as commands
//! index    what the release has by now
//! rust     the compiler among them, ready to be run on this system
//! binutils a newer linker of GNU, likewise
//! sbsign   the signer of EFI applications, likewise
//! error    what may go wrong
//! ```

pub mod binutils;
mod error;
mod fetch;
mod index;
mod rust;
mod sbsign;
pub mod table;

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;

use super::sources::Source;
use super::{consent, system};
use crate::output;
pub use error::ArchiveError;
use fetch::Download;
use index::Index;
pub use rust::Rust;
pub use sbsign::Sbsign;
pub use table::{Package, Set};

/// The file that says of a folder what was asked for. It is written last.
const ASKED: &str = "landfall-asked";

/// The file that lists what came in place of what was asked for.
const NEWER: &str = "landfall-newer";

/// Returns the folder below `cache` that holds the files of `set`, fetched and unpacked where
/// `wanted` among them are not there, or empty.
///
/// # Errors
/// [`ArchiveError`] says what was looked for.
pub fn unpacked(set: &Set, wanted: &[&'static str], cache: &Path) -> Result<PathBuf, ArchiveError> {
    let _lock = lock(cache)?;
    unpacked_locked(set, wanted, cache)
}

/// Returns the first of the `wanted` files that is not in `folder`, or has nothing in it.
#[must_use]
pub fn lacks(folder: &Path, wanted: &[&'static str]) -> Option<&'static str> {
    let filled = |file: &&str| {
        fs::metadata(folder.join(file)).is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0)
    };
    wanted.iter().find(|file| !filled(file)).copied()
}

/// Returns true if `folder` was created from `set`, and is undamaged.
fn is_ready(set: &Set, wanted: &[&'static str], folder: &Path) -> bool {
    if !fs::read_to_string(folder.join(ASKED)).is_ok_and(|asked| asked == set.listing()) {
        return false;
    }
    let Some(file) = lacks(folder, wanted) else { return true };
    output::note(format_args!("setup: {} is missing or empty", folder.join(file).display()));
    false
}

/// Keeps other processes from working in `cache` until the file is closed.
fn lock(cache: &Path) -> Result<fs::File, ArchiveError> {
    let path = cache.join(".lock");
    let locked = || {
        crate::private::folders(cache)?;
        let file = fs::File::create(&path)?;
        rustix::fs::flock(&file, FlockOperation::LockExclusive)?;
        Ok(file)
    };
    locked().map_err(|source| ArchiveError::File { path: path.clone(), source })
}

fn unpacked_locked(set: &Set, wanted: &[&'static str], cache: &Path) -> Result<PathBuf, ArchiveError> {
    let folder = cache.join(set.name);
    if is_ready(set, wanted, &folder) {
        return Ok(folder);
    }
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| ArchiveError::File { path, source }
    };
    let lack = format!("{} of Debian's {} is missing from {}", set.names(), set.release, folder.display());
    let packages: Vec<_> = set.packages.iter().map(|package| package.name).collect();
    consent::obtain(&lack, &format!("apt-get download {}", packages.join(" ")))?;
    output::note(format_args!(
        "setup: fetching {} of Debian's {} into {}: {}",
        if set.packages.len() == 1 { "a package" } else { "packages" },
        set.release,
        folder.display(),
        set.names()
    ));
    let mirror = mirror()?;
    let work = crate::private::folder_in(cache, "fetch-").map_err(at(cache))?;
    let newer = download(set, &mirror, work.path())?;
    let tree = work.path().join("tree");
    fs::create_dir(&tree).map_err(at(&tree))?;
    for package in set.packages {
        fetch::unpack(package, &file(package, work.path()), &tree)?;
    }
    if let Some(file) = lacks(&tree, wanted) {
        return Err(ArchiveError::Lacks { set: set.name, file });
    }
    if !newer.is_empty() {
        fs::write(tree.join(NEWER), newer).map_err(at(&tree))?;
    }
    fs::write(tree.join(ASKED), set.listing()).map_err(at(&tree))?;
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(at(&folder))?;
    }
    fs::rename(&tree, &folder).map_err(at(&folder))?;
    Ok(folder)
}

/// Returns the packages in `folder` that replace requested ones: a line for each, with its address
/// and SHA-256.
#[must_use]
pub fn newer(folder: &Path) -> Option<String> {
    fs::read_to_string(folder.join(NEWER)).ok()
}

/// Returns the file that a package is downloaded into.
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
        "setup: the pool no longer has all of it; the index of {} has newer versions",
        set.release
    ));
    let index = Index::read(mirror, set.release, &gone, &work.join("index"))?;
    let mut lines = String::new();
    for package in gone {
        let newer = index.newer(package, file(package, work))?;
        let line = format!("{} is now {}, SHA-256 {}", package.name, newer.uri, newer.sha256);
        output::note(format_args!("setup: {line}"));
        lines += &line;
        lines.push('\n');
        fetch::download(&[newer])?;
        if !file(package, work).is_file() {
            return Err(ArchiveError::Unreached { what: format!("the package {}", package.name) });
        }
    }
    Ok(lines)
}

/// Returns the source of the system's own release: the other release is at the same mirror.
fn mirror() -> Result<Source, ArchiveError> {
    system::debian().map_err(|obstacle| ArchiveError::NoMirror { obstacle })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_folder_is_not_ready() {
        let set = &table::EDK2;
        let folder = crate::private::folder("landfall-").expect("a directory");
        let [listing, file] = [ASKED, "file"].map(|name| folder.path().join(name));
        let is_ready = || is_ready(set, &["file"], folder.path());
        fs::write(&file, "x").expect("a file");
        assert!(!is_ready(), "nobody says what it was made from");
        fs::write(listing, set.listing()).expect("a listing");
        assert!(is_ready());
        fs::write(&file, "").expect("a file");
        assert!(!is_ready());
        fs::remove_file(&file).expect("a file");
        assert!(!is_ready());
        fs::create_dir(&file).expect("a folder");
        assert!(!is_ready());
    }
}
