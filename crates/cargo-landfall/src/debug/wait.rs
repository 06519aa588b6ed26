//! `cargo landfall run --gdb`: the machine stands at the kernel's first instruction until a debugger lets it go on.

use std::fs;
use std::path::Path;
use std::time::Instant;

use super::files::{Known, file};
use super::locate::{Place, locate};
use super::session::Folder;
use super::{DebugError, PATIENCE};
use crate::entry::Entry;
use crate::failure::{Failure, LastLines};
use crate::firmware::Firmware;
use crate::gdb::{self, Client};
use crate::kernel::Kernel;
use crate::output;
use crate::prepared::Prepared;
use crate::qemu::{Boot, Next, Qemu};
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
    let known = Known::read(symbols)?;
    let prepared = built.with_policy(&options.policy, scratch.path())?;
    let base = match options.firmware {
        Firmware::Uefi => place_by_uefi(options, &prepared, (&qemu, &known), scratch.path())?,
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

/// Where UEFI puts the image: the same place each time that it boots the same machine, so a first boot tells: by the kernel's report, or, where
/// none comes, by the image that is found in the machine's memory. Whether the second boot comes there is seen when it does. What the first
/// one has written to the firmware's variables goes with its machine.
fn place_by_uefi(
    options: &Options,
    prepared: &Prepared,
    (qemu, kernel): (&Qemu, &Known),
    scratch: &Path,
) -> Result<Address, Failure> {
    output::note("debug: a first boot tells where UEFI puts the kernel");
    let machine = prepared.machine(options, qemu, scratch)?;
    let socket = scratch.join("first");
    let mut arguments = machine.arguments();
    arguments.extend(gdb::arguments(&socket).into_iter().filter(|argument| argument != "-S"));
    // A kernel that powers off stays in memory.
    arguments.push("-no-shutdown".into());
    let mut running = qemu.start(arguments)?;
    let until = Instant::now() + options.timeout;
    let mut console = Vec::new();
    while let Next::Line(line) = running.next_line(until) {
        let verdict = Verdict::of(&line);
        console.push(line);
        match verdict {
            Some(Verdict::Landed(report)) => match report.kernel_loaded() {
                Some(loaded) => return Ok(loaded),
                None => break,
            },
            Some(_) => break,
            None => {}
        }
    }
    let found = find(&socket, kernel);
    if let Some(error) = running.rejected().filter(|_| console.is_empty()) {
        return Err(error.into());
    }
    let last = LastLines::of(&console);
    match found? {
        Some(place) => {
            output::note(format_args!("debug: it made no report{last}\ndebug: {place}"));
            Ok(place.physical())
        }
        None => Err(DebugError::NoFirstLanding { last }.into()),
    }
}

/// Looks for the kernel in a machine that runs or has powered off. Where there is no machine any more there is no kernel.
fn find(socket: &Path, kernel: &Known) -> Result<Option<Place>, DebugError> {
    let Ok(mut gdb) = Client::connect(socket, PATIENCE) else { return Ok(None) };
    Ok(locate(&mut gdb, kernel, &[])?.ok())
}
