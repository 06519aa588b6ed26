//! Debugging a kernel that lands at random addresses, by gdb or LLDB and by names.
//!
//! ```text
//! run --gdb --wait--> a machine at the kernel's first instruction, found by its folder (session)
//!                                         |
//! gdb, lldb --locate--> the kernel's address --script--> the debugger, with symbols (files) that
//!                                                       follow the kernel
//! ```

mod core;
mod error;
mod files;
mod locate;
mod modules;
mod script;
pub(crate) mod session;
pub mod vmmap;

use std::convert::Infallible;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub use self::core::CoreError;
use crate::gdb::endpoint::Endpoint;
use crate::gdb::{Client, GdbError};
use crate::kernel::{Kernel, Selection};
use crate::kernel_elf::{self, KernelElfError};
use crate::output;
use crate::place;
use crate::setup::{self, Debugger};
use crate::user_file::{self, Limit};
pub use error::DebugError;
use files::{Known, with_plain_names};
use landfall_predict::units::Address;
pub use locate::Doing;
use script::{Harts, Script};
use session::{Folder, Waiting};

/// The time limit for an answer of a machine's debugger.
const PATIENCE: Duration = Duration::from_secs(2);

/// The protocol's number of a second group of harts.
const SECOND_GROUP: u32 = 2;

/// The arguments of `gdb` or `lldb`.
#[derive(Clone, Debug)]
pub struct DebugRequest {
    /// Which one.
    pub debugger: Debugger,
    /// The kernel that the machine runs; the default is the one that it was started with.
    pub kernel: Selection,
    /// The address of the machine's debugger; `None` for the machine that waits.
    pub connect: Option<Endpoint>,
    /// The core of a kernel that crashed, in place of a machine.
    pub core: Option<PathBuf>,
    /// Files of modules, besides those in the folder of the kernel's ELF.
    pub modules: Vec<PathBuf>,
    /// More arguments for it.
    pub arguments: Vec<OsString>,
}

/// Finds the kernel in a machine and becomes the debugger.
///
/// # Errors
/// [`DebugError`] where there is no machine, no kernel in it, or no debugger. Otherwise it does not
/// return.
pub fn run(request: &DebugRequest) -> Result<Infallible, DebugError> {
    if let Some(core) = &request.core {
        return core::run(request, core);
    }
    let machine = machine(request)?;
    let program = setup::debugger(request.debugger)?;
    let kernel = Known::read(&machine.elf)?;
    let (harts, place) = look(&machine, &kernel)?;
    if (request.debugger, harts) == (Debugger::Lldb, Harts::TwoGroups) {
        return Err(DebugError::TwoKinds { endpoint: machine.endpoint });
    }
    let folder = Folder::create()?;
    let later = match kernel.later_names()? {
        Some((names, first)) => Some((folder.write("later.o", &names)?, first)),
        None => None,
    };
    let Waiting { endpoint, elf, modules: beside, .. } = machine;
    let bytes =
        user_file::read(&elf, Limit::KERNEL).map_err(|source| files::file("cannot read", &elf, source))?;
    let modules = crate::modules::of_kernel(&bytes, beside.as_deref(), &request.modules)?;
    let modules = modules::write(&modules, &folder)?;
    if kernel.modules.is_none() && !request.modules.is_empty() {
        output::note(
            "note: the kernel has no table of modules, so the debugger does not follow them; link landfall-modules",
        );
    }
    let elf = folder.keep_elf(&with_plain_names(&elf)?)?;
    let inner = match kernel.inner() {
        None => None,
        // An ELF that cannot be rewritten keeps its names.
        Some(inner) => {
            let bytes = files::plain(&inner.bytes).unwrap_or_else(|_| inner.bytes.clone());
            Some((folder.write("inner.elf", &bytes)?, inner))
        }
    };
    let script = Script { endpoint: &endpoint, kernel: &kernel, elf, later, harts, place, modules, inner };
    let script = script.write(request.debugger, &folder)?;
    folder.leave();
    // This process becomes the debugger, so that Ctrl-C is the debugger's alone.
    let source = Command::new(program).args(script).args(&request.arguments).exec();
    Err(DebugError::Start { program, source })
}

/// Returns the machine that the user means, and its kernel's ELF.
fn machine(request: &DebugRequest) -> Result<Waiting, DebugError> {
    let mut waiting = session::waiting()?;
    let chosen = match &request.connect {
        Some(endpoint) => waiting.into_iter().find(|machine| machine.endpoint == *endpoint),
        None if waiting.len() > 1 => {
            let waiting = waiting.into_iter().map(|machine| (machine.endpoint, machine.kernel)).collect();
            return Err(DebugError::Several { waiting });
        }
        None => waiting.pop(),
    };
    let endpoint = request.connect.clone().or_else(|| Some(chosen.as_ref()?.endpoint.clone()));
    let endpoint = endpoint.ok_or(DebugError::NoMachine)?;
    match chosen {
        Some(machine) if request.kernel.is_default() => Ok(machine),
        chosen => {
            let kernel = Kernel::find(&request.kernel).map_err(KernelElfError::Selection)?;
            let name = kernel.to_string();
            let elf = kernel_elf::of(kernel, &request.kernel.allow)?;
            let base = chosen.map_or(place::DEFAULT, |machine| machine.base);
            let modules = elf.parent().map(Path::to_owned);
            Ok(Waiting { endpoint, elf, kernel: name, base, modules })
        }
    }
}

/// Stops the machine, and finds out what harts it has and where its kernel is. It stands still
/// afterwards, for the debugger that comes next.
fn look(machine: &Waiting, kernel: &Known) -> Result<(Harts, locate::Place), DebugError> {
    let endpoint = || machine.endpoint.clone();
    let mut gdb = Client::connect_to(&machine.endpoint, PATIENCE).map_err(|source| match source {
        GdbError::Silent { .. } => DebugError::Busy { endpoint: endpoint() },
        source => DebugError::Unreachable { endpoint: endpoint(), source },
    })?;
    // On QEMU's boards, a second group exists if the harts of the first have no MMU.
    let harts = match gdb.attach_group(SECOND_GROUP) {
        Ok(()) => Harts::TwoGroups,
        Err(GdbError::Answer { .. }) => Harts::OneGroup,
        Err(error) => return Err(error.into()),
    };
    let loaded: Vec<Address> = [Some(machine.base), kernel.load].into_iter().flatten().collect();
    let place = locate::locate(&mut gdb, kernel, &loaded)?;
    gdb.leave()?;
    if let Ok(place) = place {
        output::note(format_args!("debug: {place}"));
    }
    match place {
        Ok(place) => Ok((harts, place)),
        Err(harts) => {
            Err(DebugError::NotThere { endpoint: endpoint(), kernel: machine.kernel.clone(), harts })
        }
    }
}
