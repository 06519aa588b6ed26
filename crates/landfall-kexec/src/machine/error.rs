//! Faults of the start. The running kernel goes on.

use core::fmt;

/// The reason why the next kernel was not started. This one goes on, without the harts that have
/// stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartError {
    /// The firmware stops no harts.
    NoHsm,
    /// A hart does not stop.
    HartRuns {
        /// Its id.
        hart: u64,
    },
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHsm => f.write_str(
                "the firmware lacks hart state management (HSM), so other harts cannot be stopped; use newer firmware, or one hart",
            ),
            Self::HartRuns { hart } => write!(
                f,
                "hart {hart} did not stop within four seconds; its interrupt handler must call landfall_kexec::stop_if_asked, with sie.SSIE and sstatus.SIE on"
            ),
        }
    }
}

impl core::error::Error for StartError {}
