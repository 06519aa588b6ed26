//! Faults of a crash kernel. The running kernel goes on.

use core::fmt;

use crate::error::KexecError;

/// The reason why a crash kernel cannot be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrashError {
    /// Neither the policy nor the command line has reserved memory.
    NoCrashMemory,
    /// Crash memory is too small.
    TooSmall {
        /// Bytes that suffice.
        wanted: u64,
        /// Bytes of crash memory.
        found: u64,
    },
    /// Image, tree or command line cannot be passed on.
    Kexec(KexecError),
}

impl fmt::Display for CrashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCrashMemory => f.write_str(
                "no memory is reserved for a crash kernel; boot with crashkernel=SIZE, or set it in the policy",
            ),
            Self::TooSmall { wanted, found } => write!(
                f,
                "the crash kernel needs {wanted:#x} bytes, but crash memory has {found:#x}; reserve more by crashkernel="
            ),
            Self::Kexec(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for CrashError {}

impl From<KexecError> for CrashError {
    fn from(error: KexecError) -> Self {
        Self::Kexec(error)
    }
}
