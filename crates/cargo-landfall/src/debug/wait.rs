//! `cargo landfall run --gdb`: the machine stands at the kernel's first instruction until a debugger lets it go on.

use std::fs;
use std::path::Path;

use super::DebugError;
use super::files::file;
use super::session::Folder;
use crate::entry::Entry;
use crate::failure::{Failure, LastLines};
use crate::firmware::Firmware;
use crate::kernel::Kernel;
use crate::output;
use crate::prepared::Prepared;
use crate::qemu::{Boot, Qemu};
use crate::run::{self, Options};
use crate::setup;
use crate::units::Address;
use crate::verdict::Verdict;

/// Boots a kernel up to its first instruction, and watches the machine until it ends, whatever a debugger does to it. `console` gets each
/// line of the console as it comes.
pub(crate) fn boot(options: &Options, mut console: impl FnMut(&str)) -> Result<Boot, Failure> {
    run::check(options)?;
    let kernel = Kernel::find(&options.kernel)?;
    let built = Prepared::from(&kernel)?;
    let qemu = setup::qemu(setup::FOR_RUN)?;
    let scratch = run::scratch()?;
    let no_symbols = || DebugError::NoSymbols { path: built.boots().path().to_owned() };
    let folder = Folder::create()?;
    let symbols = built.symbols().ok_or_else(no_symbols)?;
    folder.keep_elf(&fs::read(symbols).map_err(|source| file("cannot read", symbols, source))?)?;
    let prepared = built.with_policy(&options.policy, scratch.path())?;
    let base = match options.firmware {
        Firmware::Uefi => place_by_uefi(options, &prepared, &qemu, scratch.path())?,
        _ => run::base(options, &prepared)?,
    };
    let machine = prepared.machine(options, &qemu, scratch.path())?;
    let entry = Entry::reach(&qemu, &machine, base, folder.path(), options.timeout)?;
    let socket = entry.socket.clone();
    let waiting = entry.wait(&mut console)?;
    folder.publish(&socket, &options.kernel, base)?;
    output::note(format_args!(
        "debug: the machine stands at the kernel's first instruction; in another terminal: cargo landfall gdb, or lldb\n\
         debug: any other debugger: {}",
        socket.display()
    ));
    Ok(waiting.watch_to_end(console)?)
}

/// Where UEFI puts the image: the same place each time that it boots the same machine, so a first boot's report tells. Whether the second
/// boot comes there is seen when it does. What the first one has written to the firmware's variables goes with its machine.
fn place_by_uefi(
    options: &Options,
    prepared: &Prepared,
    qemu: &Qemu,
    scratch: &Path,
) -> Result<Address, Failure> {
    output::note("debug: a first boot tells where UEFI puts the kernel");
    let machine = prepared.machine(options, qemu, scratch)?;
    let boot = qemu.boot(machine.arguments(), options.timeout, |_| {})?;
    let loaded = match &boot.verdict {
        Some(Verdict::Landed(report)) => report.kernel_loaded(),
        _ => None,
    };
    loaded.ok_or_else(|| DebugError::NoFirstLanding { last: LastLines::of(&boot.console) }.into())
}
