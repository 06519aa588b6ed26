//! Why there is nothing to debug.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::Doing;
use crate::build::BuildError;
use crate::elf::NoElf;
use crate::gdb::GdbError;
use crate::gdb::endpoint::Endpoint;
use crate::kernel::KernelError;
use crate::setup::SetupError;

/// Why there is nothing to debug.
#[derive(Debug, Error)]
pub enum DebugError {
    /// No kernel is selected.
    #[error(transparent)]
    Selection(#[from] KernelError),
    /// A tool is missing on this computer.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The kernel does not build.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A kernel without names.
    #[error("{path} is a flat image, and has no names for a debugger: give its ELF, or its package")]
    NoSymbols {
        /// The file.
        path: PathBuf,
    },
    /// An ELF that is no kernel.
    #[error(
        "{path} is no kernel of landfall's: it has no symbol \"{}\", or nothing that is loaded",
        crate::landmarks::IMAGE_START
    )]
    NoKernel {
        /// The file.
        path: PathBuf,
    },
    /// No machine.
    #[error(
        "no machine waits for a debugger: start one in another terminal with `cargo landfall run --gdb`, \
         or say with --connect where the debugger of another one listens"
    )]
    NoMachine,
    /// Too many of them.
    #[error("several machines wait for a debugger; choose one with --connect:{}", lines(.waiting.iter().map(|(endpoint, kernel)| format!("--connect {endpoint}  ({kernel})"))))]
    Several {
        /// Where each listens, and its kernel.
        waiting: Vec<(Endpoint, String)>,
    },
    /// Nobody there.
    #[error("no debugger can be reached at {endpoint}: {source}")]
    Unreachable {
        /// Where.
        endpoint: Endpoint,
        /// What went wrong.
        source: GdbError,
    },
    /// Somebody else is there already.
    #[error(
        "the machine at {endpoint} does not answer: it talks to one debugger at a time; leave the other one"
    )]
    Busy {
        /// Where.
        endpoint: Endpoint,
    },
    /// The kernel is not in the machine.
    #[error(
        "the machine at {endpoint} runs no kernel whose first bytes are those of {kernel}: \
         name the kernel that it runs. It stands still until a debugger lets it go on{}", lines(.harts.iter().map(Doing::to_string))
    )]
    NotThere {
        /// Where.
        endpoint: Endpoint,
        /// The kernel that was looked for.
        kernel: String,
        /// What the harts do.
        harts: Vec<Doing>,
    },
    /// LLDB would see none of the harts that run the kernel.
    #[error(
        "the harts of the machine at {endpoint} are of two kinds, and LLDB sees those of the first alone, which run no kernel: \
         use `cargo landfall gdb`"
    )]
    TwoKinds {
        /// Where.
        endpoint: Endpoint,
    },
    /// The ELF cannot be written with other names.
    #[error("{path} cannot be prepared for a debugger: {source}")]
    Rewrite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: object::build::Error,
    },
    /// The names that stay physical.
    #[error("an object file for a debugger cannot be written: {0}")]
    Names(object::write::Error),
    /// A file of ours.
    #[error("{what}: {source}")]
    File {
        /// What we were about to do.
        what: String,
        /// What the system says.
        source: io::Error,
    },
    /// The debugger cannot be started.
    #[error("`{program}` did not start: {source}")]
    Start {
        /// The program.
        program: &'static str,
        /// What the system says.
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
