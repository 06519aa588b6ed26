//! The core of a landfall kernel that crashed: an ELF, as a crash kernel copies it from
//! `/proc/vmcore`.
//!
//! The file has the kernel's memory at its virtual addresses: the linear map and the image. Other
//! mappings, such as the harts' stacks, are read by the kernel's page tables. Their `satp` stands
//! in landfall's own note.
//!
//! ```text
//! file    the ELF: its segments and notes
//! places  the image in it
//! mapped  memory that only page tables lead to, as a file for gdb
//! ```

mod file;
mod mapped;
mod places;

use std::convert::Infallible;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::files::{self, Known, with_plain_names};
use super::script::core::{OUTERMOST, Script};
use super::script::write_vmmap;
use super::session::Folder;
use super::{DebugError, DebugRequest};
use crate::kernel_elf;
use crate::output;
use crate::setup::{self, Debugger};
use crate::user_file::{self, Limit};
pub use file::CoreError;
use file::CoreFile;

/// Opens the core at `path` in a debugger.
///
/// # Errors
/// Returns [`DebugError`] if the file is no such core. Otherwise it does not return.
pub(super) fn run(request: &DebugRequest, path: &Path) -> Result<Infallible, DebugError> {
    let of_core = |source| DebugError::Core { path: path.to_owned(), source };
    if request.debugger == Debugger::Lldb {
        return Err(DebugError::CoreInLldb);
    }
    let core = CoreFile::open(path).map_err(of_core)?;
    let elf = kernel_elf::select(&request.kernel)?;
    let kernel = Known::read(&elf)?;
    let place = places::find(&core, &kernel).map_err(of_core)?;
    let program = setup::debugger(request.debugger)?;
    let folder = Folder::create()?;
    let bytes =
        user_file::read(&elf, Limit::KERNEL).map_err(|source| files::file("cannot read", &elf, source))?;
    let modules = crate::modules::of_kernel(&bytes, elf.parent(), &request.modules)?;
    let modules = super::modules::write(&modules, &folder)?;
    let mapped = mapped::Mapped::read(&core);
    let vmmap = write_vmmap(&folder)?;
    if mapped.satp.is_none() {
        output::note(
            "note: the core does not state the satp of its kernel, so memory outside the linear map and the image is missing; backtraces may be short",
        );
    }
    let unreadable = |source| DebugError::Rewrite { path: path.to_owned(), source };
    let mapped = mapped.file().map_err(unreadable)?;
    let mapped = mapped.map(|file| folder.write("mapped.elf", &file)).transpose()?;
    output::note(format_args!(
        "debug: {place}; {} of {} harts have registers in the core",
        core.stopped(),
        core.harts().max(core.stopped())
    ));
    let elf = folder.keep_elf(&with_plain_names(&elf)?)?;
    let core = fs::canonicalize(path).map_err(|source| files::file("cannot read", path, source))?;
    let script = Script { kernel: &kernel, elf, place, modules, mapped };
    let script = folder.write("landfall.gdb", script.to_string().as_bytes())?;
    let outermost = folder.write("outermost.py", OUTERMOST.as_bytes())?;
    folder.leave();
    let mut gdb = Command::new(program);
    // Registers of a core are known by the system that wrote it.
    gdb.args(["-q", "-iex", "set architecture riscv:rv64", "-iex", "set osabi GNU/Linux", "--core"])
        .arg(core);
    let source = gdb
        .arg("-x")
        .arg(outermost)
        .arg("-x")
        .arg(vmmap)
        .arg("-x")
        .arg(script)
        .args(&request.arguments)
        .exec();
    Err(DebugError::Start { program, source })
}
