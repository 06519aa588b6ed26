//! The crash kernel: a kernel that lies ready in [crash memory](landfall_plan::Facts::crash), with
//! all that it gets to know of the one that crashed.
//!
//! ```text
//! area    the registers of a hart that has stopped, as a note of an ELF core
//! headers the headers of the ELF core: notes, RAM and image at their virtual addresses
//! layout  the places of all parts in crash memory
//! plan    image, initrd, headers, tables, steps and tree, written to their places
//! ```
//!
//! Everything is written and checked while the kernel runs well. At the crash nothing is planned
//! any more: see `load_crash_kernel` and `start_crash_kernel`.

mod area;
mod error;
mod headers;
mod layout;
mod plan;

pub use area::SaveArea;
pub use error::CrashError;
pub use headers::{CoreHeaders, MAX_NOTE};
pub use plan::{CrashNext, CrashPlan};

#[cfg(test)]
mod tests;
