//! Archives for initrds.

use landfall_host::initrd::archive::Archive;

/// Returns an archive with these files, in cpio's format `newc`.
pub(super) fn of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let archive = files.iter().fold(Archive::default(), |archive, (name, file)| archive.with(name, file));
    archive.into_bytes()
}
