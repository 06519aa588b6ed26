//! The code that runs on the machine: the entry, and the traits.
//!
//! ```text
//! boot      from landfall's `main` to that of the kernel
//! board     what is known of the board, for as long as the kernel runs
//! cpus      CPUs by their numbers, and harts that wait for their turn
//! init, mem, console, time, irq, power      one trait of axplat each
//! percpu    where per-CPU data is, for ArceOS 0.3.0-preview
//! external  interrupts of devices
//! ```

#![expect(
    clippy::cast_possible_truncation,
    clippy::used_underscore_binding,
    reason = "a machine word has 64 bits here; axplat's macro uses what the traits hand over"
)]

#[cfg(not(feature = "preview"))]
use axplat::impl_interface;
#[cfg(feature = "preview")]
use axplat::impl_plat_interface as impl_interface;

mod board;
#[doc(hidden)]
pub mod boot;
mod console;
mod cpus;
#[cfg(feature = "irq")]
mod external;
mod init;
#[cfg(feature = "irq")]
mod irq;
mod mem;
#[cfg(feature = "preview")]
mod percpu;
mod power;
mod time;
