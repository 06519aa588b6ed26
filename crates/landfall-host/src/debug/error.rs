//! Why there is nothing to debug.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::Doing;
use super::core::CoreError;
use crate::elf::NoElf;
use crate::gdb::GdbError;
use crate::gdb::endpoint::Endpoint;
use crate::kernel_elf::KernelElfError;
use crate::modules::ModuleFileError;
use crate::setup::SetupError;

/// Why there is nothing to debug.
#[derive(Debug, Error)]
pub enum DebugError {
    /// The kernel has no ELF with symbols.
    #[error(transparent)]
    Kernel(#[from] KernelElfError),
    /// A file is no module.
    #[error(transparent)]
    Module(#[from] ModuleFileError),
    /// A tool is missing on this computer.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// An ELF that is no kernel.
    #[error(
        "{path} is not a landfall kernel; it has no symbol \"{}\", or no loadable segment; name a kernel",
        crate::landmarks::IMAGE_START
    )]
    NoKernel {
        /// The file.
        path: PathBuf,
    },
    /// No machine.
    #[error(
        "no machine waits for a debugger; start one in another terminal with `cargo landfall run --gdb`, \
         or name the debugger's address of another machine with --connect"
    )]
    NoMachine,
    /// Too many of them.
    #[error("several machines wait for a debugger; choose one with --connect{}", lines(.waiting.iter().map(|(endpoint, kernel)| format!("--connect {endpoint}  ({kernel})"))))]
    Several {
        /// The address of each debugger, and its kernel.
        waiting: Vec<(Endpoint, String)>,
    },
    /// Nothing listens at the address.
    #[error("cannot reach a debugger at {endpoint}: {source}")]
    Unreachable {
        /// The address.
        endpoint: Endpoint,
        /// The cause.
        source: GdbError,
    },
    /// Another debugger is connected.
    #[error(
        "the machine at {endpoint} does not answer; it accepts one debugger at a time; leave the other one"
    )]
    Busy {
        /// The address.
        endpoint: Endpoint,
    },
    /// The kernel is not in the machine.
    #[error(
        "the machine at {endpoint} does not run {kernel}; no memory begins with its first bytes, and the machine stays stopped; \
         name the kernel that it runs{}", lines(.harts.iter().map(Doing::to_string))
    )]
    NotThere {
        /// The address.
        endpoint: Endpoint,
        /// The kernel that was looked for.
        kernel: String,
        /// The state of each hart.
        harts: Vec<Doing>,
    },
    /// LLDB would see none of the harts that run the kernel.
    #[error(
        "the harts of the machine at {endpoint} are of two kinds; LLDB sees only the first kind, which does not run the kernel; \
         use `cargo landfall gdb`"
    )]
    TwoKinds {
        /// The address.
        endpoint: Endpoint,
    },
    /// A file is no core of the kernel.
    #[error("cannot open the core {path}: {source}")]
    Core {
        /// The file.
        path: PathBuf,
        /// The fault.
        source: CoreError,
    },
    /// LLDB is to open a core.
    #[error("LLDB is not supported for cores; use `cargo landfall gdb --core`")]
    CoreInLldb,
    /// The ELF cannot be written with other names.
    #[error("cannot prepare {path} for a debugger: {source}")]
    Rewrite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: object::build::Error,
    },
    /// The names that stay physical.
    #[error("cannot write an object file for a debugger: {0}")]
    Names(object::write::Error),
    /// A file of ours.
    #[error("{what}: {source}")]
    File {
        /// The failed operation.
        what: String,
        /// The system's error.
        source: io::Error,
    },
    /// The path of this program is unknown.
    #[error("cannot find the program of this command, which `landfall vmmap` starts: {source}")]
    Own {
        /// The system's error.
        source: io::Error,
    },
    /// The debugger cannot be started.
    #[error("`{program}` did not start: {source}")]
    Start {
        /// The program.
        program: &'static str,
        /// The system's error.
        source: io::Error,
    },
    /// No ELF.
    #[error(transparent)]
    Elf(#[from] NoElf),
    /// The debugger's connection broke.
    #[error(transparent)]
    Gdb(#[from] GdbError),
}

/// Each on a line of its own, as the tail of a message.
fn lines(items: impl Iterator<Item = String>) -> String {
    items.fold(String::new(), |lines, item| lines + "\n  " + &item)
}
