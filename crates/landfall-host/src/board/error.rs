//! A board that gets no files, or whose console cannot be read.

use std::io;
use std::path::PathBuf;

use landfall_predict::board::BoardError as TreeError;
use thiserror::Error;

use crate::disk::DiskError;
use crate::image::ImageError;
use crate::kernel::KernelError;
use crate::prepared::PrepareError;

/// A board that gets no files, or whose console cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BoardError {
    /// No kernel is selected.
    #[error(transparent)]
    Selection(#[from] KernelError),
    /// The kernel cannot be made ready.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The kernel's file holds no landfall kernel.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The device tree yields no facts.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The disk cannot be made.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The kernel prints no report.
    #[error(
        "the kernel prints no landing report, which is compared with the prediction; it is built without the feature `report` of landfall; build it with the feature"
    )]
    ReportCompiledOut,
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The device is no terminal.
    #[error(
        "{path} is not a serial device; name a device like /dev/ttyUSB0, or read a saved log with --log FILE"
    )]
    NotSerial {
        /// The file.
        path: PathBuf,
    },
    /// The device does not take the bit rate.
    #[error("{path} does not take {baud} baud: {source}; set another rate with --baud")]
    Rate {
        /// The device.
        path: PathBuf,
        /// The bit rate.
        baud: u32,
        /// The system's error.
        source: io::Error,
    },
}
