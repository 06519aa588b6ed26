//! The errors of this module.

use std::io;

use thiserror::Error;

/// Errors of the connection to QEMU.
#[derive(Debug, Error)]
pub enum GdbError {
    /// No connection.
    #[error("cannot talk to QEMU's debugger: {0}")]
    Connection(#[from] io::Error),
    /// No answer in time.
    #[error("QEMU's debugger does not answer \"{request}\"; QEMU has one debugger at a time")]
    Silent {
        /// The request.
        request: String,
    },
    /// Another protocol of QEMU's.
    #[error("this is a socket of QMP, and not of a debugger's stub")]
    Qmp,
    /// An answer that the protocol does not have.
    #[error("QEMU's debugger answers \"{answer}\" to \"{request}\"")]
    Answer {
        /// The request.
        request: String,
        /// The answer.
        answer: String,
    },
    /// No such register.
    #[error("the hart has no register \"{name}\"; it has: {known}")]
    Register {
        /// The name.
        name: String,
        /// All names.
        known: String,
    },
}

pub(super) fn wrong(request: &str, answer: &str) -> GdbError {
    let short = |text: &str| text.chars().take(80).collect();
    GdbError::Answer { request: short(request), answer: short(answer) }
}

/// Returns true if an error means that QEMU has ended.
pub(super) fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
    )
}
