//! `cargo landfall run`: one boot, from the kernel's name to the verdict.

use std::path::Path;
use std::time::Instant;

use crate::audit::{self, Audited};
use crate::console_output::ConsoleOutput;
use crate::dump::{self, Dump};
use crate::firmware::Firmware;
use crate::image::blueprint;
use crate::initrd;
use crate::machine::{Board, Machine};
use crate::measure::{self, Instructions, MeasureError};
use crate::modules;
use crate::output;
use crate::place;
use crate::plan::at_stop;
use crate::prepared::Prepared;
use crate::qemu::{Boot, ByLine, Qemu};
use crate::report::Report;
use crate::request::{BootRequest, Control, RunFormat};
use crate::scratch::Scratch;
use crate::setup;
use crate::stopped::{ImageBase, StopError, StoppedMachine};
use crate::symbolize::Names;
use crate::symbols::Symbols;
use crate::user_file::{self, Limit};
use crate::verdict::Verdict;
use landfall_image::feature::Feature;
use landfall_inspect::Escaped;
use landfall_predict::units::Size;
use landfall_wrap::Inner;

mod conclude;
mod debugged;
mod error;
mod next;
mod seat;

use conclude::conclude;
pub(crate) use conclude::verdict;
pub use error::RunError;
pub(crate) use next::Next;
pub(crate) use seat::{Attended, Seat};

/// A boot that has ended.
#[derive(Debug)]
pub struct Ended {
    /// The report, if the kernel has printed one; or the kernel did not land, or failed afterwards.
    pub verdict: Result<Option<Report>, RunError>,
    /// The instructions, if the machine counts them.
    pub instructions: Option<Instructions>,
    /// The audit, if the user requests one and the kernel came to its `main`.
    pub audited: Option<Audited>,
}

/// A boot, and the results of its stops.
struct Booted {
    boot: Boot,
    instructions: Option<Instructions>,
    audited: Option<Audited>,
}

impl Booted {
    const fn without_stop(boot: Boot) -> Self {
        Self { boot, instructions: None, audited: None }
    }
}

/// Boots a kernel, shows its console, and returns the results.
///
/// # Errors
/// [`RunError`] if no boot took place.
pub fn shown(request: &BootRequest) -> Result<Ended, RunError> {
    check(request)?;
    let prepared = Prepared::of::<RunError>(&request.kernel)?;
    check_report(request, &prepared)?;
    let elf = elf_of(&prepared);
    note_unwrapped(&prepared, &elf);
    let folder = prepared.symbols().and_then(Path::parent);
    let modules = modules::of_kernel(&elf, folder, &request.modules)?;
    let next = Next::prepare(request)?;
    let (request, _scratch) = &with_next(request, next.as_ref())?;
    let names = Names::of(&elf).with_modules(&modules);
    let names_of_next = next.as_ref().map(|next| Names::of(&next.elf));
    let mut output = ConsoleOutput::lines(request.format, names).with_next(names_of_next);
    let attended = Attended::now(request);
    let booted = match request.control {
        Control::Nobody | Control::Audit => boot(request, prepared, attended, &mut output)?,
        Control::Debugger => Booted::without_stop(debugged::boot(request, prepared, attended, &mut output)?),
    };
    drop(output);
    let Booted { boot, instructions, audited } = booted;
    Ok(Ended { verdict: conclude(boot, request), instructions, audited })
}

/// Boots a kernel and returns its report, and the instructions where the machine counts them.
/// `console` gets each line of the console as it comes.
///
/// # Errors
/// [`RunError`] where it did not land, or failed afterwards.
pub fn land(
    request: &BootRequest,
    console: impl FnMut(&str),
) -> Result<(Report, Option<Instructions>), RunError> {
    check(request)?;
    let prepared = Prepared::of::<RunError>(&request.kernel)?;
    let next = Next::prepare(request)?;
    let (request, _scratch) = &with_next(request, next.as_ref())?;
    let mut output = ByLine(console);
    let Booted { boot, instructions, .. } = boot(request, prepared, Attended::No, &mut output)?;
    Ok((conclude(boot, request)?.ok_or(RunError::NoReport)?, instructions))
}

/// Returns the request of the first kernel, which gets the next one if there is one, and the folder
/// that must live as long.
pub(crate) fn with_next(
    request: &BootRequest,
    next: Option<&Next>,
) -> Result<(BootRequest, Option<Scratch>), RunError> {
    let Some(next) = next else { return Ok((request.clone(), None)) };
    let scratch = Scratch::create().map_err(|source| RunError::Scratch { source })?;
    Ok((next.for_first(request, scratch.path())?, Some(scratch)))
}

/// Refuses --format json for a kernel without the feature `report`, whose run needs another end.
pub(crate) fn check_report(request: &BootRequest, prepared: &Prepared) -> Result<(), RunError> {
    let kernel = blueprint(prepared.boots());
    if !kernel.is_ok_and(|kernel| kernel.missing.contains(Feature::Report)) {
        return Ok(());
    }
    if request.then.is_some() {
        let message = "--then requires the landing report of the first kernel, which is built without the feature `report` of landfall; build it with the feature";
        return Err(RunError::Usage { message: message.to_owned() });
    }
    if request.format == RunFormat::Json {
        return Err(RunError::ReportCompiledOut);
    }
    if request.until.is_none() {
        output::note(
            "note: the kernel prints no landing report, since it is built without the feature `report` of landfall; its run ends with landfall::exit, or with --until TEXT",
        );
    }
    Ok(())
}

/// Names the verb for a kernel that knows nothing of landfall, and that a wrapper could start.
fn note_unwrapped(prepared: &Prepared, elf: &[u8]) {
    if blueprint(prepared.boots()).is_err() && Inner::read(elf).is_ok() {
        output::note(format_args!(
            "note: {} is no landfall kernel; `cargo landfall wrap` puts it behind a landing",
            Escaped::new(prepared.name())
        ));
    }
}

/// Returns the bytes of the ELF with the kernel's names, or none.
pub(crate) fn elf_of(prepared: &Prepared) -> Vec<u8> {
    prepared.symbols().and_then(|path| user_file::read(path, Limit::KERNEL).ok()).unwrap_or_default()
}

/// One boot: what became of it, and the results of its stops.
fn boot(
    request: &BootRequest,
    prepared: Prepared,
    attended: Attended,
    seat: &mut dyn Seat,
) -> Result<Booted, RunError> {
    let qemu = setup::qemu(setup::FOR_RUN)?;
    let scratch = Scratch::create().map_err(|source| RunError::Scratch { source })?;
    let prepared = prepared.with_policy(&request.policy, scratch.path())?;
    let machine = prepared.machine(request, &qemu, scratch.path())?;
    let counted = symbols_to_count(&machine, &prepared)?;
    let audited = symbols_to_audit(request, &prepared)?;
    if request.dump_facts.is_some() || counted.is_some() || audited.is_some() {
        let (counted, audited) = (counted.as_ref(), audited.as_ref());
        let ready = Ready { qemu: &qemu, machine: &machine, directory: scratch.path(), counted, audited };
        return boot_with_a_stop(request, &prepared, &ready, attended, seat);
    }
    let preparation = machine.memory.preparation();
    if !preparation.is_zero() {
        output::note(format_args!(
            "note: QEMU prepares {} of RAM before the machine starts; the time limit is {} s longer",
            machine.memory.total(),
            preparation.as_secs()
        ));
    }
    let mut running = qemu.start(machine.arguments())?;
    attended.take(running.keys(), seat)?;
    let until = Instant::now() + preparation + request.timeout;
    Ok(Booted::without_stop(running.watch_as(attended.watch(request, until), seat)?))
}

/// Arguments that do not go together, or of which it can be seen before anything is built that they
/// lead to nothing.
///
/// # Errors
/// [`RunError`] names the conflict.
pub fn check(request: &BootRequest) -> Result<(), RunError> {
    if request.firmware.chooses_the_place() && request.at.is_some() {
        let message = "--at conflicts with this --firmware; U-Boot and UEFI choose the address of an image; remove one of them";
        return Err(RunError::Usage { message: message.to_owned() });
    }
    let has_tree = request.qemu.iter().any(|argument| argument == "-dtb");
    if request.board == Board::Icicle && (request.memory < ICICLE_MEMORY || !has_tree) {
        let message = "QEMU's Icicle Kit has more than 1.5 GiB of memory and no device tree of its own; add --memory 1537M and -- -dtb FILE";
        return Err(RunError::Usage { message: message.to_owned() });
    }
    if let Some(file) = &request.dump_facts {
        dump::check_place(file)?;
    }
    next::check(request)?;
    Ok(request.initrd.as_deref().map_or(Ok(()), initrd::check)?)
}

/// QEMU's minimum for that board.
const ICICLE_MEMORY: Size = Size::mib(1537);

/// A machine that is ready to boot and to be stopped.
struct Ready<'a> {
    qemu: &'a Qemu,
    machine: &'a Machine,
    /// The directory for QEMU's files.
    directory: &'a Path,
    /// The kernel's symbols if instructions are counted.
    counted: Option<&'a Symbols>,
    /// The kernel's symbols if the machine is audited.
    audited: Option<&'a Symbols>,
}

/// Boots with a stop at the kernel's first instruction. Writes the facts if the user requests them.
/// Counts the instructions to `main`, and audits the machine there, as the user requests.
fn boot_with_a_stop(
    request: &BootRequest,
    prepared: &Prepared,
    ready: &Ready<'_>,
    attended: Attended,
    seat: &mut dyn Seat,
) -> Result<Booted, RunError> {
    let until = Instant::now() + ready.machine.memory.preparation() + request.timeout;
    let at = image_base(request, prepared)?;
    let mut stopped =
        match StoppedMachine::reach(ready.qemu, ready.machine, at, ready.directory, request.timeout) {
            Ok(stopped) => stopped,
            Err(error) => {
                let boot = over(error, seat)?;
                if request.dump_facts.is_some() {
                    output::note(
                        "note: no facts are written; the boot ended before the kernel's first instruction",
                    );
                }
                return Ok(Booted::without_stop(boot));
            }
        };
    let dump = match &request.dump_facts {
        Some(file) => Some((Dump::at(&stopped, &blueprint(prepared.boots())?), file)),
        None => None,
    };
    // The plan is decided by what the kernel gets here.
    let case = match ready.audited {
        Some(_) => at_stop(&stopped, &blueprint(prepared.boots())?).ok(),
        None => None,
    };
    let instructions = match (ready.counted, ready.audited) {
        (Some(symbols), _) => measure::landing(&mut stopped, symbols, until)?,
        (None, Some(symbols)) => measure::count(&mut stopped, symbols, &[], measure::LANDED, until)?,
        (None, None) => None,
    };
    let audited = match case.filter(|_| instructions.is_some()) {
        Some(case) => Some(audit::at_main(&mut stopped.gdb, stopped.tree.as_deref(), case)?),
        None => None,
    };
    let instructions = instructions.filter(|_| ready.counted.is_some());
    attended.take(stopped.keys(), seat)?;
    let boot = stopped.finish(attended.watch(request, until), seat)?;
    if let Some((dump, file)) = dump {
        let first = boot.console.iter().find_map(|line| Verdict::of(line));
        dump.finish(first.as_ref(), file)?;
    }
    Ok(Booted { boot, instructions, audited })
}

/// A boot that was over before the kernel's first instruction is a boot all the same: `audience`
/// gets its lines.
fn over(error: StopError, audience: &mut dyn Seat) -> Result<Boot, RunError> {
    match error {
        StopError::Over(boot) => {
            boot.console.iter().for_each(|line| audience.line(line));
            Ok(*boot)
        }
        error => Err(error.into()),
    }
}

/// Returns the address of the image.
pub(crate) fn image_base(request: &BootRequest, prepared: &Prepared) -> Result<ImageBase, RunError> {
    Ok(match request.firmware {
        Firmware::Uefi(_) => ImageBase::ByEfi,
        Firmware::UBoot => ImageBase::At(place::DEFAULT),
        Firmware::OpenSbi | Firmware::File(_) => ImageBase::At(prepared.base(request.at)?),
    })
}

/// Returns the kernel's symbols if the user requests an audit.
fn symbols_to_audit(request: &BootRequest, prepared: &Prepared) -> Result<Option<Symbols>, RunError> {
    if request.control != Control::Audit {
        return Ok(None);
    }
    let message = match (blueprint(prepared.boots()), prepared.symbols()) {
        (Ok(_), Some(symbols)) => return Ok(Some(Symbols::read(symbols).map_err(MeasureError::from)?)),
        (Ok(_), None) => "--audit requires the symbols of the kernel; name its ELF or its package",
        (Err(_), _) => {
            "--audit stops a landfall kernel at main, and this is another kernel; add -- -qmp unix:SOCKET,server=on,wait=off, and run `cargo landfall audit --qmp SOCKET` meanwhile"
        }
    };
    Err(RunError::Usage { message: message.to_owned() })
}

/// Returns the kernel's symbols, where the machine counts instructions.
fn symbols_to_count(machine: &Machine, prepared: &Prepared) -> Result<Option<Symbols>, RunError> {
    if !machine.counts_instructions() {
        return Ok(None);
    }
    let Some(symbols) = prepared.symbols() else {
        output::note(
            "note: instructions are not counted; a flat image has no symbols; name its ELF or its package",
        );
        return Ok(None);
    };
    Ok(Some(Symbols::read(symbols).map_err(MeasureError::from)?))
}
