//! Linux's image, from Debian's package.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use landfall_host::setup::archive::{table, unpacked};

use crate::session::as_text;

/// The files of the package.
#[derive(Clone, Debug)]
pub(super) struct Debian {
    /// Linux, as a flat image that is an EFI application.
    pub(super) image: PathBuf,
    /// The driver of disks, which is no part of the image.
    pub(super) block_module: PathBuf,
}

impl Debian {
    /// Returns the files, which are fetched and unpacked if they are missing.
    pub(super) fn get() -> Result<Self, String> {
        static ALONE: Mutex<()> = Mutex::new(());
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = as_text(unpacked(&table::LINUX, &[], &cache()?))?;
        let modules = only(&folder.join("usr/lib/modules"), "")?;
        Ok(Self {
            image: only(&folder.join("boot"), "vmlinux-")?,
            block_module: modules.join("kernel/drivers/block/virtio_blk.ko.xz"),
        })
    }
}

/// Returns the folder that Cargo keeps for tests: `target/tmp`, beside `target/debug/deps`.
fn cache() -> Result<PathBuf, String> {
    let program = as_text(std::env::current_exe())?;
    let target = program.ancestors().nth(3).ok_or("the test is outside of Cargo's target folder")?;
    Ok(target.join("tmp/debian"))
}

/// Returns the entry of a folder whose name begins with `prefix`.
fn only(folder: &Path, prefix: &str) -> Result<PathBuf, String> {
    let at = |error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(at)? {
        let entry = entry.map_err(at)?;
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            return Ok(entry.path());
        }
    }
    Err(format!("{} has no file {prefix}*", folder.display()))
}
