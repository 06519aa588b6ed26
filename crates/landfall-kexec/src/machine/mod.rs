//! The effects: other harts stop, interrupts are cleared, and the copier starts the next kernel.

#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

mod asm;
mod crash;
mod error;
mod fill;
mod linear;
mod plic;
mod quiet;
mod start;
mod stop;

pub use crash::{CrashListener, LoadError, crash, listen_for_crash, load_crash_kernel, stop_if_crashed};
pub use error::StartError;
pub use linear::linear;
pub use plic::quiet_plic;
pub use start::{Prepared, block_of, prepare};
pub use stop::stop_if_asked;
