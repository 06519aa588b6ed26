//! Debugging a kernel that lands at random addresses, by gdb and by names.
//!
//! ```text
//! run --gdb --wait--> a machine at the kernel's first instruction, found by its folder (session)
//!                                         |
//! gdb --locate--> where the kernel is --script--> gdb, with symbols (files) there and wherever it goes
//! ```

mod files;
mod locate;
mod script;
mod session;
pub(crate) mod wait;

use std::convert::Infallible;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use thiserror::Error;

use crate::build;
use crate::elf::NoElf;
use crate::failure::Failure;
use crate::gdb::endpoint::Endpoint;
use crate::gdb::{Client, GdbError};
use crate::kernel::{Kernel, KernelFile};
use crate::output;
use crate::place;
use crate::setup;
use crate::units::Address;
use files::{Known, with_plain_names};
pub(crate) use files::{LEAP, MOVE};
pub use locate::Doing;
use script::Script;
use session::{Folder, Waiting};

/// How long a machine's debugger may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a user asks of `gdb`.
#[derive(Clone, Debug)]
pub struct Options {
    /// The kernel that the machine runs; `None` for the one that it was started with.
    pub kernel: Option<String>,
    /// Where its debugger listens; `None` for the machine that waits.
    pub connect: Option<Endpoint>,
    /// More arguments for gdb.
    pub gdb: Vec<OsString>,
}

/// Why there is nothing to debug.
#[derive(Debug, Error)]
pub enum DebugError {
    /// A kernel without names.
    #[error("{path} is a flat image, and has no names for a debugger: give its ELF, or its package")]
    NoSymbols {
        /// The file.
        path: PathBuf,
    },
    /// An ELF that is no kernel.
    #[error(
        "{path} is no kernel of landfall's: it has no symbol \"{}\", or nothing that is loaded",
        crate::measure::IMAGE_START
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
    /// gdb cannot be started.
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

impl DebugError {
    /// 1 where there is a machine and it is at fault, 2 where there is none.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::NotThere { .. } | Self::Gdb(_) | Self::Busy { .. } => 1,
            _ => 2,
        }
    }
}

/// Each on a line of its own, as the tail of a message.
fn lines(items: impl Iterator<Item = String>) -> String {
    items.fold(String::new(), |lines, item| lines + "\n  " + &item)
}

/// Finds the kernel in a machine and becomes gdb.
///
/// # Errors
/// [`Failure`] where there is no machine, no kernel in it, or no gdb. Otherwise it does not return.
pub fn run(options: &Options) -> Result<Infallible, Failure> {
    let machine = machine(options)?;
    let program = setup::debugger()?;
    let kernel = Known::read(&machine.elf)?;
    let place = look(&machine, &kernel)?;
    let folder = Folder::create()?;
    let later = match kernel.later_names()? {
        Some((names, first)) => Some((folder.write("later.o", &names)?, first)),
        None => None,
    };
    let Waiting { endpoint, elf, .. } = machine;
    let elf = folder.keep_elf(&with_plain_names(&elf)?)?;
    let script = Script { endpoint: &endpoint, kernel: &kernel, elf, later, place };
    let script = folder.write("landfall.gdb", script.to_string().as_bytes())?;
    folder.leave();
    // This process becomes gdb, so that Ctrl-C is gdb's alone.
    let source = Command::new(program).arg("-q").arg("-x").arg(script).args(&options.gdb).exec();
    Err(DebugError::Start { program, source }.into())
}

/// The machine that the user means, and its kernel's ELF.
fn machine(options: &Options) -> Result<Waiting, Failure> {
    let mut waiting = session::waiting()?;
    let chosen = match &options.connect {
        Some(endpoint) => waiting.into_iter().find(|machine| machine.endpoint == *endpoint),
        None if waiting.len() > 1 => {
            let waiting = waiting.into_iter().map(|machine| (machine.endpoint, machine.kernel)).collect();
            return Err(DebugError::Several { waiting }.into());
        }
        None => waiting.pop(),
    };
    let endpoint = options.connect.clone().or_else(|| Some(chosen.as_ref()?.endpoint.clone()));
    let endpoint = endpoint.ok_or(DebugError::NoMachine)?;
    match (chosen, &options.kernel) {
        (Some(machine), None) => Ok(machine),
        (chosen, name) => {
            let name = name.as_deref().unwrap_or("hello");
            let elf = elf_of(Kernel::find(name)?)?;
            let base = chosen.map_or(place::DEFAULT, |machine| machine.base);
            Ok(Waiting { endpoint, elf, kernel: name.to_owned(), base })
        }
    }
}

/// The ELF of a kernel. A file is taken as it is: the machine runs it already, fit or not.
fn elf_of(kernel: Kernel) -> Result<PathBuf, Failure> {
    match kernel {
        Kernel::File(KernelFile::Elf(path)) => Ok(path),
        Kernel::File(KernelFile::Flat(path)) => Err(DebugError::NoSymbols { path }.into()),
        Kernel::Package(package) => {
            setup::rust_target()?;
            Ok(build::package(&package)?.elf)
        }
    }
}

/// Stops the machine, and finds out where its kernel is. It stands still afterwards, for the debugger that comes next.
fn look(machine: &Waiting, kernel: &Known) -> Result<locate::Place, DebugError> {
    let endpoint = || machine.endpoint.clone();
    let mut gdb = Client::connect_to(&machine.endpoint, PATIENCE).map_err(|source| match source {
        GdbError::Silent { .. } => DebugError::Busy { endpoint: endpoint() },
        source => DebugError::Unreachable { endpoint: endpoint(), source },
    })?;
    let loaded: Vec<Address> = [Some(machine.base), kernel.load].into_iter().flatten().collect();
    let place = locate::locate(&mut gdb, kernel, &loaded)?;
    gdb.leave()?;
    if let Ok(place) = place {
        output::note(format_args!("debug: {place}"));
    }
    place.map_err(|harts| DebugError::NotThere {
        endpoint: endpoint(),
        kernel: machine.kernel.clone(),
        harts,
    })
}
