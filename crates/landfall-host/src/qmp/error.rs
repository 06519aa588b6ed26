//! The errors of this module.

use std::io;
use std::time::Duration;

use thiserror::Error;

use crate::gdb::endpoint::Endpoint;

/// Errors of a connection to QEMU's QMP.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum QmpError {
    /// Nothing listens there.
    #[error("no QMP at {endpoint}: {source}; start QEMU with -qmp {},server=on,wait=off", .endpoint.of_qemu())]
    Connect {
        /// The address.
        endpoint: Endpoint,
        /// The system's error.
        source: io::Error,
    },
    /// No greeting came.
    #[error(
        "QMP at {endpoint} is silent; QEMU has one client at a time, and the socket may be that of a debugger; end the other client, or name the socket of -qmp"
    )]
    NoGreeting {
        /// The address.
        endpoint: Endpoint,
    },
    /// A debugger's stub answers.
    #[error("{endpoint} is the socket of a debugger's stub, not of QMP; name it by --gdb")]
    Debugger {
        /// The address.
        endpoint: Endpoint,
    },
    /// Something else answers.
    #[error("{endpoint} is no QMP: it begins with \"{}\"; name the socket of QEMU's -qmp", .line.escape_debug())]
    OtherProtocol {
        /// The address.
        endpoint: Endpoint,
        /// The beginning of the first line.
        line: String,
    },
    /// The connection broke.
    #[error("the connection to QEMU broke: {0}")]
    Connection(#[from] io::Error),
    /// No answer in time.
    #[error(
        "QEMU does not answer the command {command} within {} s; it may hang, or the socket is another program's", .patience.as_secs()
    )]
    Silent {
        /// The command.
        command: String,
        /// The time limit.
        patience: Duration,
    },
    /// An answer that the protocol does not have.
    #[error("QEMU answers \"{}\" to the command {command}", .line.escape_debug())]
    Answer {
        /// The command.
        command: String,
        /// The beginning of the answer.
        line: String,
    },
    /// QEMU refused the command.
    #[error("QEMU refuses the command {command}: {}", .reason.escape_debug())]
    Refused {
        /// The command.
        command: String,
        /// QEMU's reason.
        reason: String,
    },
}

/// Returns the beginning of a line, for an error.
pub(super) fn beginning(line: &str) -> String {
    line.chars().take(80).collect()
}
