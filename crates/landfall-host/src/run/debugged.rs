//! `cargo landfall run --gdb`: the machine stands at the kernel's first instruction until a
//! debugger lets it go on.

use super::{Attended, RunError, Seat, image_base, over};
use crate::debug::DebugError;
use crate::debug::session::Folder;
use crate::kernel_elf::KernelElfError;
use crate::output;
use crate::prepared::Prepared;
use crate::qemu::{Boot, Generation, Watch};
use crate::request::BootRequest;
use crate::scratch::Scratch;
use crate::setup;
use crate::stopped::StoppedMachine;
use crate::user_file::{self, Limit};

/// Boots a kernel up to its first instruction, and watches the machine until it ends, whatever a
/// debugger does to it. `seat` gets all that the console writes.
pub(super) fn boot(
    request: &BootRequest,
    built: Prepared,
    attended: Attended,
    seat: &mut dyn Seat,
) -> Result<Boot, RunError> {
    let qemu = setup::qemu(setup::FOR_RUN)?;
    let scratch = Scratch::create().map_err(|source| RunError::Scratch { source })?;
    let no_symbols = || KernelElfError::Flat { path: built.boots().path().to_owned() };
    let (folder, kernel) = (Folder::create()?, built.name().to_owned());
    let symbols = built.symbols().ok_or_else(no_symbols).map_err(DebugError::Kernel)?;
    folder.keep_elf(&user_file::read(symbols, Limit::KERNEL).map_err(|source| DebugError::File {
        what: format!("cannot read {}", symbols.display()),
        source,
    })?)?;
    let modules = symbols.parent().and_then(|folder| folder.canonicalize().ok());
    let prepared = built.with_policy(&request.policy, scratch.path())?;
    let machine = prepared.machine(request, &qemu, scratch.path())?;
    let at = image_base(request, &prepared)?;
    let stopped = match StoppedMachine::reach(&qemu, &machine, at, folder.path(), request.timeout) {
        Ok(stopped) => stopped,
        Err(error) => return over(error, seat),
    };
    let (socket, base) = (stopped.socket.clone(), stopped.base);
    let mut waiting = stopped.wait()?;
    folder.publish(&socket, &kernel, base, modules.as_deref())?;
    output::note(format_args!(
        "debug: the machine is stopped at the kernel's first instruction; in another terminal: cargo landfall gdb, or lldb\n\
         debug: any other debugger: {}",
        socket.display()
    ));
    attended.take(waiting.keys(), seat)?;
    let generation = if request.then.is_some() { Generation::Next } else { Generation::First };
    Ok(waiting.finish(Watch { generation, ..Watch::to_end() }, seat)?)
}
