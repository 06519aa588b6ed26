//! A client of the GDB remote protocol, to look into a machine from outside.
//!
//! ```text
//! client    requests and answers, registers, harts
//! memory    reading and writing it
//! control   breakpoints, steps, stops
//! hart      harts, as the protocol names them
//! endpoint  where a machine's debugger listens
//! packet    the frames: $data#checksum
//! target    names and numbers of a hart's registers, CSRs included
//! ```
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use landfall_host::gdb::{Client, Ended, Space};
//! use landfall_predict::units::Address;
//! use std::path::Path;
//! use std::time::Duration;
//!
//! // QEMU was started with `gdb::arguments(socket)`: it waits before its first instruction.
//! let mut gdb = Client::connect(Path::new("/tmp/gdb"), Duration::from_secs(5))?;
//! gdb.set_breakpoint(Address(0x8020_0000))?;
//! if let Ended::Stopped(stop) = gdb.resume(Duration::from_secs(5))? {
//!     let (pc, satp) = (gdb.register("pc")?, gdb.register("satp")?);
//!     println!("{} has pc {pc:#x} and satp {satp:#x}", stop.hart);
//!     let header = gdb.read_memory(Space::Physical, Address(0x8020_0000), 64)?;
//! }
//! # Ok(())
//! # }
//! ```

mod client;
mod control;
pub mod endpoint;
mod error;
mod hart;
mod memory;
pub mod packet;
mod target;

use std::ffi::OsString;
use std::path::Path;

use crate::machine::escape_commas;
pub use client::Client;
pub use control::Ended;
pub use error::GdbError;
pub use hart::{Hart, Stop};
pub use memory::Space;

/// Returns the arguments with which QEMU listens for a debugger at `socket`, and waits before the
/// machine's first instruction.
#[must_use]
pub fn arguments(socket: &Path) -> Vec<OsString> {
    let mut place = OsString::from("unix:");
    place.push(escape_commas(socket.as_os_str()));
    place.push(",server=on,wait=off");
    vec!["-gdb".into(), place, "-S".into()]
}
