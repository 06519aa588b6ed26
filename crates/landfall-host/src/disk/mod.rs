//! A disk that boots: a GUID partition table with one FAT partition, as UEFI and U-Boot read it.
//!
//! ```text
//! /EFI/BOOT/BOOTRISCV64.EFI   the kernel's image, UEFI's default (UEFI 2.10, 3.5.1.1)
//! /extlinux/extlinux.conf     names that file to U-Boot, with the command line
//! /initrd                     if there is one
//! ```
//!
//! A kernel that is not an EFI application lies at `/landfall.bin`, which only U-Boot reads.
//!
//! There is one file of the kernel, for both. The same contents give the same disk, byte for byte.

mod extlinux;
mod table;

use std::fs;
use std::io::{self, Cursor, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use fatfs::{FatType, FileSystem, FormatVolumeOptions, FsOptions};
use landfall_image::pe;
use thiserror::Error;

use crate::user_file::{self, Limit};
use landfall_predict::units::Size;

/// The path of the kernel's image on the disk.
pub const IMAGE: &str = "EFI/BOOT/BOOTRISCV64.EFI";
/// The place of an image that is not an EFI application: UEFI would try to start [`IMAGE`], and
/// U-Boot reads any name.
pub const FLAT_IMAGE: &str = "landfall.bin";
/// The path of the initrd.
pub const INITRD: &str = "initrd";
/// The path of U-Boot's menu.
pub const EXTLINUX: &str = "extlinux/extlinux.conf";
/// The path of U-Boot's script.
pub const SCRIPT: &str = "boot.scr";

/// The unit of disks, tables and FAT.
const SECTOR: u64 = 512;
const MIB: u64 = 1 << 20;

/// The size without contents. UEFI requires FAT32 on a fixed disk, and FAT with clusters of one
/// sector has 32 bits from 33 MiB on.
const ROOM: u64 = 40 * MIB;

/// The source of U-Boot's commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu<'a> {
    /// By a menu of one entry, with this command line.
    Extlinux {
        /// The kernel's command line.
        command_line: &'a str,
    },
    /// By this script, in U-Boot's own format.
    Script(&'a [u8]),
}

/// The contents of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents<'a> {
    /// The kernel's image.
    pub image: &'a [u8],
    /// An initial RAM disk.
    pub initrd: Option<&'a [u8]>,
    /// The file that U-Boot reads.
    pub menu: Menu<'a>,
}

/// Why there is no disk.
#[derive(Debug, Error)]
pub enum DiskError {
    /// The partition table cannot be made.
    #[error("cannot create the disk's partition table: {0}")]
    Table(String),
    /// The file system cannot be made.
    #[error("cannot create the disk's file system: {0}")]
    FileSystem(io::Error),
    /// FAT has 32 bits for a file's size.
    #[error("{path} has {size}, but files of the FAT file system are below 4 GiB; use a smaller file")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: Size,
    },
    /// A command line that would end its line of the menu.
    #[error("the command line {line:?} contains a line break, which U-Boot's menu cannot hold; remove it")]
    CommandLine {
        /// The command line.
        line: String,
    },
    /// A command line that U-Boot would not bear.
    #[error(
        "the command line takes {bytes} bytes of U-Boot's menu, whose limit is {}; shorten it",
        extlinux::LONGEST
    )]
    LongCommandLine {
        /// Its bytes, as U-Boot wants it.
        bytes: usize,
    },
    /// The initial RAM disk cannot be read.
    #[error("cannot read the initrd {path}: {source}")]
    Initrd {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// Writes a disk with `contents` to `path`.
///
/// # Errors
/// [`DiskError`] says what stands in the way.
pub fn write(path: &Path, contents: &Contents<'_>) -> Result<(), DiskError> {
    let bytes = make(contents)?;
    user_file::write(path, &bytes).map_err(|source| DiskError::File { path: path.to_owned(), source })
}

/// Reads an initrd for a disk, where it can lie on one.
///
/// # Errors
/// [`DiskError::Initrd`] and [`DiskError::TooLarge`].
pub fn read_initrd(path: &Path) -> Result<Vec<u8>, DiskError> {
    let cannot = |source| DiskError::Initrd { path: path.to_owned(), source };
    // Before it is read, which takes long.
    fits(path, fs::metadata(path).map_err(cannot)?.len())?;
    user_file::read(path, Limit::INITRD).map_err(cannot)
}

/// Makes sure that a file of `size` can lie on a disk.
fn fits(path: &Path, size: u64) -> Result<(), DiskError> {
    match u32::try_from(size) {
        Ok(_) => Ok(()),
        Err(_) => Err(DiskError::TooLarge { path: path.to_owned(), size: Size(size) }),
    }
}

/// Returns true if UEFI firmware may start `image`: it begins as an EFI application does.
#[must_use]
pub fn is_application(image: &[u8]) -> bool {
    image.starts_with(&pe::DOS_MAGIC.to_le_bytes())
}

/// Returns the disk's bytes.
fn make(contents: &Contents<'_>) -> Result<Vec<u8>, DiskError> {
    let kernel = if is_application(contents.image) { IMAGE } else { FLAT_IMAGE };
    let menu = match contents.menu {
        Menu::Extlinux { command_line } => Some(extlinux::menu(kernel, command_line, contents.initrd)?),
        Menu::Script(_) => None,
    };
    let mut files = vec![(kernel, contents.image)];
    files.extend(contents.initrd.map(|initrd| (INITRD, initrd)));
    files.push(match (&menu, contents.menu) {
        (Some(menu), _) => (EXTLINUX, menu.as_bytes()),
        (None, Menu::Script(script)) => (SCRIPT, script),
        (None, Menu::Extlinux { .. }) => (EXTLINUX, &[]),
    });
    for (path, bytes) in &files {
        fits(Path::new(path), bytes.len() as u64)?;
    }
    let taken: u64 = files.iter().map(|(_, bytes)| (bytes.len() as u64).next_multiple_of(SECTOR)).sum();
    // Each cluster of one sector takes four more bytes in two tables.
    let partition = (ROOM + taken + taken / 32).next_multiple_of(MIB);
    let (mut disk, place) = table::with_partition(partition)?;
    fill(&mut disk[place], &files).map_err(DiskError::FileSystem)?;
    Ok(disk)
}

/// Makes a FAT file system with `files` in a partition.
fn fill(partition: &mut [u8], files: &[(&str, &[u8])]) -> io::Result<()> {
    let format = FormatVolumeOptions::new()
        .fat_type(FatType::Fat32)
        .bytes_per_cluster(512)
        .volume_id(0x4c46)
        .volume_label(*b"LANDFALL   ");
    fatfs::format_volume(Cursor::new(&mut *partition), format)?;
    let system = FileSystem::new(Cursor::new(partition), FsOptions::new())?;
    for (path, bytes) in files {
        let mut directory = system.root_dir();
        let mut names = path.split('/').peekable();
        while let Some(name) = names.next() {
            if names.peek().is_some() {
                directory = directory.create_dir(name)?;
            } else {
                directory.create_file(name)?.write_all(bytes)?;
            }
        }
    }
    system.unmount()
}

/// A range of a disk, in bytes.
type Place = Range<usize>;

#[cfg(test)]
mod tests;
