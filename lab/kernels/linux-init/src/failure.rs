//! The errors of the program.

use core::ffi::CStr;
use core::fmt;

/// The number of an error of Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Errno(pub(crate) usize);

/// A failed step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Failure {
    /// A system call on a file failed.
    File(&'static CStr, Errno),
    /// A system call without a file failed.
    Call(&'static str, Errno),
    /// Anything else.
    Fact(&'static str),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, Errno(number)) => {
                write!(f, "{}: error {number}", path.to_str().unwrap_or_default())
            }
            Self::Call(call, Errno(number)) => write!(f, "{call}: error {number}"),
            Self::Fact(fact) => f.write_str(fact),
        }
    }
}
