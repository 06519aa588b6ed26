//! Why QEMU did not run.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use thiserror::Error;

/// Why QEMU did not run.
#[derive(Debug, Error)]
pub enum QemuError {
    /// The program cannot be started.
    #[error("{program} did not start: {source}")]
    Start {
        /// The program.
        program: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// QEMU ended before the machine ran.
    #[error("QEMU did not start the machine ({status}): {errors}")]
    Rejected {
        /// QEMU's exit status.
        status: ExitStatus,
        /// QEMU's messages.
        errors: String,
    },
    /// The machine has no room for all that QEMU loads: the kernel, the firmware, the device tree.
    #[error("the machine cannot take the image: {errors}")]
    NoRoom {
        /// QEMU's messages.
        errors: String,
    },
}

/// Why QEMU ended without a machine.
pub(super) fn rejected(status: ExitStatus, errors: String) -> QemuError {
    let no_room = ["ROM regions are overlapping", "to place DTB"];
    if no_room.iter().any(|words| errors.contains(words)) {
        QemuError::NoRoom { errors }
    } else {
        QemuError::Rejected { status, errors }
    }
}
