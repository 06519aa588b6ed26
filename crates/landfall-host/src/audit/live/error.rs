//! The errors of live machines.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::gdb::GdbError;
use crate::gdb::endpoint::Endpoint;
use crate::qmp::QmpError;

/// Why a live machine cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LiveError {
    /// QMP.
    #[error(transparent)]
    Qmp(#[from] QmpError),
    /// The debugger's stub.
    #[error(transparent)]
    Gdb(#[from] GdbError),
    /// The connection to the debugger's stub.
    #[error("no debugger's stub at {endpoint}: {source}; {}", remedy(endpoint, source))]
    NoStub {
        /// The address.
        endpoint: Endpoint,
        /// The error.
        source: GdbError,
    },
    /// The monitor's text names no memory.
    #[error("QEMU's \"info mtree -f\" names no RAM; the machine has none, or this QEMU prints another text")]
    NoMemory,
    /// The monitor's text names no harts.
    #[error(
        "QEMU's \"info registers -a\" names no RISC-V hart; the machine is another, or this QEMU prints another text"
    )]
    NoHarts,
    /// Someone resumed the machine.
    #[error(
        "the machine ran while it was read, so its tables may not fit together; another client resumed it; try again without that client"
    )]
    RanOn,
    /// A folder for QEMU's files.
    #[error("cannot create a folder for QEMU's files: {source}")]
    Folder {
        /// The system's error.
        source: io::Error,
    },
    /// QEMU did not write a file.
    #[error(
        "QEMU cannot write memory to {}: {reason}; it may be on another machine, or be another user's; read it by --gdb", .path.display()
    )]
    NotWritten {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// Both failed.
    #[error("{first}; and the machine was not resumed: {then}")]
    NotResumed {
        /// The first error.
        first: Box<LiveError>,
        /// The second one.
        then: Box<LiveError>,
    },
}

fn remedy(endpoint: &Endpoint, error: &GdbError) -> String {
    match (error, endpoint) {
        (GdbError::Qmp, _) => "name it by --qmp".to_owned(),
        (GdbError::Silent { .. }, _) => "end the other debugger, or name the socket of -gdb".to_owned(),
        (_, Endpoint::Socket(_)) => format!("start QEMU with -gdb {},server=on,wait=off", endpoint.of_qemu()),
        (_, Endpoint::Tcp { .. }) => {
            format!("start QEMU with -gdb {}, or with -s for 1234", endpoint.of_qemu())
        }
    }
}
