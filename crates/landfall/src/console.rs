//! The console of the firmware.
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! use core::fmt::Write;
//!
//! use landfall::Landing;
//! use landfall::console::Console;
//!
//! landfall::entry!(main);
//!
//! /// Takes any writer, as loggers do.
//! fn log(mut writer: impl Write) -> core::fmt::Result {
//!     writeln!(writer, "the kernel has landed")
//! }
//!
//! fn main(_landing: &'static Landing) -> ! {
//!     let status = if log(Console).is_ok() { 0 } else { 1 };
//!     landfall::exit(status)
//! }
//! ```

pub use crate::machine::console::Console;
