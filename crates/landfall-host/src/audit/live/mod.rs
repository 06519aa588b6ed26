//! A QEMU that runs: stopped, read with few commands, and resumed, also if the reading fails.
//!
//! ```text
//! qmp         by QMP: pmemsave writes memory to files
//! gdb         by the debugger's stub: packets of physical memory
//! registers   the harts, by the monitor's `info registers`
//! flat_view   RAM and ROM, by the monitor's `info mtree`
//! extensions  the format of entries, by the monitor's `qom-get`
//! capture     the steps, in their order
//! error       errors
//! ```

mod capture;
mod error;
pub(super) mod extensions;
pub(crate) mod flat_view;
mod gdb;
mod qmp;
pub(super) mod registers;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use capture::{Also, Capture, Pause, Wanted, capture};
pub use error::LiveError;
pub use gdb::{Gdb, Held};
use landfall_audit::Format;
pub use qmp::Qmp;

use super::snapshot::Source;

/// The state of a machine before it was stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// It ran, so it is resumed.
    Ran,
    /// It stood still, so it stays.
    Stood {
        /// QEMU's name of the state: `paused`, `shutdown`...
        state: String,
    },
}

/// A QEMU that can be stopped and read.
pub trait Machine: Source<Error = LiveError> {
    /// Stops the machine if it runs. Returns its state before, and the time that it stands for.
    ///
    /// # Errors
    /// [`LiveError`] if QEMU does not obey.
    fn stop(&mut self) -> Result<Before, LiveError>;

    /// Lets the machine run on if it ran before.
    ///
    /// # Errors
    /// [`LiveError`] if QEMU does not obey, or the machine ran before this.
    fn resume(&mut self, before: &Before) -> Result<Option<Duration>, LiveError>;

    /// Returns the text of a command of QEMU's monitor.
    ///
    /// # Errors
    /// [`LiveError`] if QEMU does not know it.
    fn monitor(&mut self, command: &str) -> Result<String, LiveError>;

    /// Returns the format of entries, if QEMU states it. The machine stands still.
    fn format(&self) -> Option<Format>;

    /// Returns the number of commands so far.
    fn commands(&self) -> u64;
}
