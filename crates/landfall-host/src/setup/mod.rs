//! Installs what a kernel needs to be built and booted, with the user's consent, and reports it
//! before it does so.
//!
//! ```text
//! alone     one set-up at a time
//! rust      the Rust target of kernels, through rustup
//! emulator  QEMU and OpenSBI, as they are on this computer
//! memo      answers of programs, from the user's cache
//! consent   the user's consent, before anything is installed
//! apt       the same through apt-get, where they are missing
//! debugger  a gdb or LLDB that knows RISC-V
//! cross     C compilers for RISC-V, likewise
//! system    this system's release, and its files of sources
//! sources   what stands in such files: where packages come from
//! archive   single packages of another release, by hash, for tests
//! version   versions, as QEMU, LLDB and Debian write them
//! ```

mod alone;
mod apt;
pub mod archive;
mod consent;
mod cross;
mod debugger;
mod emulator;
mod memo;
mod rust;
mod sources;
mod system;
pub mod version;

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use thiserror::Error;

use crate::qemu::Qemu;
use alone::alone;
pub use consent::{Consent, NotInstalled, decide};
pub use cross::{Program, compilers, programs};
pub use debugger::{Debugger, debugger};
use emulator::Found;
pub(crate) use rust::sysroot as rust_sysroot;
pub use rust::{disassembler, linker, target as rust_target};
use version::Version;

/// The oldest QEMU of `run`: the first whose OpenSBI and devices pass the tests of the kernels.
pub const FOR_RUN: Version = Version::new(8, 2);

/// The oldest QEMU of the tests: they set properties of harts that older ones lack.
pub const FOR_TEST: Version = Version::new(10, 0);

/// The missing tool, and the reason why it was not installed.
#[derive(Debug, Error)]
pub enum SetupError {
    /// A program that set-up needs cannot be started.
    #[error("`{program}` did not start: {source}")]
    Start {
        /// The program.
        program: String,
        /// The system's error.
        source: io::Error,
    },
    /// The user does not want it installed.
    #[error(transparent)]
    NotInstalled(#[from] NotInstalled),
    /// The Rust target is missing, and rustup too.
    #[error(
        "the Rust target {target} is missing; rustup, which adds it, is missing too; install rustup, or this target with your Rust"
    )]
    NoRustup {
        /// The target.
        target: &'static str,
    },
    /// The linker of Rust is missing.
    #[error("the linker {} is missing; it is a part of Rust; install Rust through rustup", .path.display())]
    NoLinker {
        /// Its path.
        path: PathBuf,
    },
    /// A program failed.
    #[error("`{command}` failed ({status}); its messages are above")]
    Failed {
        /// The command.
        command: String,
        /// Its exit status.
        status: ExitStatus,
    },
    /// QEMU or OpenSBI is missing and cannot be installed from here.
    #[error(
        "{missing}; {obstacle}; install QEMU {minimum} or newer for riscv64, and OpenSBI (Debian, Ubuntu: the packages qemu-system-riscv and opensbi)"
    )]
    Impossible {
        /// The missing tool.
        missing: String,
        /// Why we cannot install it.
        obstacle: String,
        /// The oldest QEMU that does.
        minimum: Version,
    },
    /// Packages are missing and cannot be installed from here.
    #[error("{obstacle}; install {packages} (packages of Debian and Ubuntu)")]
    Packages {
        /// The packages.
        packages: String,
        /// Why we cannot install them.
        obstacle: String,
    },
    /// All was installed, and it is still missing.
    #[error("{missing}; `{command}` succeeded but did not provide it")]
    Still {
        /// The missing tool.
        missing: String,
        /// The command.
        command: String,
    },
}

/// Returns a QEMU that is `minimum` or newer, with its OpenSBI. Installs both where they are
/// missing.
///
/// # Errors
/// [`SetupError`] says what to install where that cannot be done from here.
pub fn qemu(minimum: Version) -> Result<Qemu, SetupError> {
    alone(|| found_qemu(minimum))
}

fn found_qemu(minimum: Version) -> Result<Qemu, SetupError> {
    let Some(lack) = Found::on_this_system().lack(minimum) else { return Ok(Qemu::at(crate::qemu::PROGRAM)) };
    let command = apt::install(&lack, minimum)?;
    match Found::on_this_system().lack(minimum) {
        None => Ok(Qemu::at(crate::qemu::PROGRAM)),
        Some(lack) => Err(SetupError::Still { missing: lack.to_string(), command }),
    }
}
