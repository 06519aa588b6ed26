//! The effects of a crash: the crash kernel is loaded beforehand; then other harts stop, and it
//! starts.
//!
//! ```text
//! armed    the crash kernel that is loaded
//! event    other harts are reached with interrupts off
//! load     into crash memory, by a mapping that is removed and fenced
//! stop     other harts save their registers and stop
//! start    the jump
//! ```

mod armed;
mod event;
mod load;
mod start;
mod stop;

pub(super) use event::forget_event;
pub use event::{CrashListener, listen_for_crash};
pub use load::{LoadError, load_crash_kernel};
pub use start::crash;
pub use stop::stop_if_crashed;
