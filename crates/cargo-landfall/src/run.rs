//! `cargo landfall run`: one boot, from the kernel's name to the verdict.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::debug;
use crate::dump::{self, Dump};
use crate::entry::{Entry, EntryError, Whereabouts};
use crate::failure::{Failure, LastLines};
use crate::firmware::Firmware;
use crate::initrd;
use crate::kernel::{Kernel, Selection};
use crate::machine::{Board, Harts, Machine, Mode};
use crate::measure::{self, Instructions, MeasureError};
use crate::output;
use crate::place;
use crate::plan::image::Blueprint;
use crate::policy::Change;
use crate::prepared::Prepared;
use crate::qemu::{Boot, Qemu};
use crate::report::{self, Report};
use crate::scratch::Scratch;
use crate::setup;
use crate::symbols::Symbols;
use crate::units::{Address, Seed, Size};
use crate::verdict::{self, Verdict};

/// What a user asks of `run`.
#[derive(Clone, Debug)]
pub struct Options {
    /// The kernel.
    pub kernel: Selection,
    /// What boots it.
    pub firmware: Firmware,
    /// The board.
    pub board: Board,
    /// The largest paging mode that the machine has.
    pub mode: Option<Mode>,
    /// Where the image is to lie.
    pub at: Option<Address>,
    /// The machine's RAM.
    pub memory: Size,
    /// The machine's harts.
    pub harts: Harts,
    /// Where random numbers come from.
    pub randomness: Randomness,
    /// The kernel's command line.
    pub append: Option<String>,
    /// An initial RAM disk.
    pub initrd: Option<PathBuf>,
    /// How the result is told.
    pub format: Format,
    /// How long to wait for a verdict.
    pub timeout: Duration,
    /// More arguments for QEMU.
    pub qemu: Vec<OsString>,
    /// What to change in the kernel's policy.
    pub policy: Vec<Change>,
    /// Where to write down what the boot started from.
    pub dump_facts: Option<PathBuf>,
    /// Who lets the machine run.
    pub control: Control,
}

/// Where the kernel's random numbers come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Randomness {
    /// QEMU's `rng-seed`, another one each time.
    #[default]
    Fresh,
    /// This `kaslr-seed`, and nothing else.
    Seed(Seed),
    /// Nowhere: `nokaslr` on the command line.
    Off,
}

/// Who lets the machine run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Control {
    /// Nobody: it runs.
    #[default]
    Nobody,
    /// A debugger, from the kernel's first instruction on.
    Debugger,
}

/// How a result is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// The console's lines, as they come
    Text,
    /// The landing report as one JSON object, alone on stdout; the console goes to stderr
    Json,
}

/// Boots a kernel and tells what became of it.
///
/// # Errors
/// [`Failure`] where it did not land.
pub fn run(options: &Options) -> Result<(), Failure> {
    let console = |line: &str| show(options.format, line);
    let (mut report, instructions) = match options.control {
        Control::Nobody => land(options, console)?,
        Control::Debugger => (conclude(debug::wait::boot(options, console)?, options)?, None),
    };
    if let Some(instructions) = instructions {
        report.set_instructions(instructions.to_json());
        if options.format == Format::Text {
            output::result(instructions);
        }
    }
    tell(options.format, || report.into_json());
    Ok(())
}

/// Boots a kernel and returns its report, and the instructions where the machine counts them. `console` gets each line of the console as it comes.
///
/// # Errors
/// [`Failure`] where it did not land.
pub fn land(options: &Options, console: impl FnMut(&str)) -> Result<(Report, Option<Instructions>), Failure> {
    check(options)?;
    let kernel = Kernel::find(&options.kernel)?;
    let prepared = Prepared::from(&kernel, &options.kernel.allow)?;
    let qemu = setup::qemu(setup::FOR_RUN)?;
    let scratch = scratch()?;
    let prepared = prepared.with_policy(&options.policy, scratch.path())?;
    let machine = prepared.machine(options, &qemu, scratch.path())?;
    let symbols = symbols_to_count(&machine, &prepared)?;
    if options.dump_facts.is_none() && symbols.is_none() {
        let boot = qemu.boot(machine.arguments(), options.timeout, console)?;
        return Ok((conclude(boot, options)?, None));
    }
    let (boot, instructions) =
        boot_with_a_stop(options, &prepared, (&qemu, &machine), scratch.path(), symbols.as_ref(), console)?;
    Ok((conclude(boot, options)?, instructions))
}

/// Arguments that do not go together, or of which it can be seen before anything is built that they lead to nothing.
pub(crate) fn check(options: &Options) -> Result<(), Failure> {
    if options.firmware.chooses_the_place() && options.at.is_some() {
        let message = "--at is where QEMU itself puts an image, and U-Boot and UEFI choose a place of their own: leave --at or --firmware out";
        return Err(Failure::Usage { message: message.to_owned() });
    }
    let has_tree = options.qemu.iter().any(|argument| argument == "-dtb");
    if options.board == Board::Icicle && (options.memory < ICICLE_MEMORY || !has_tree) {
        let message = "QEMU's Icicle Kit has more than 1.5 GiB of memory, and no device tree of its own: add --memory 1537M and -- -dtb FILE";
        return Err(Failure::Usage { message: message.to_owned() });
    }
    if let Some(file) = &options.dump_facts {
        dump::check_place(file)?;
    }
    options.initrd.as_deref().map_or(Ok(()), initrd::check)
}

/// What QEMU wants of that board at least.
const ICICLE_MEMORY: Size = Size::mib(1537);

/// Boots with a stop at the kernel's first instruction: what it finds there is written down where the user wants that, and with symbols the
/// instructions to `main` are counted.
fn boot_with_a_stop(
    options: &Options,
    prepared: &Prepared,
    (qemu, machine): (&Qemu, &Machine),
    scratch: &Path,
    symbols: Option<&Symbols>,
    console: impl FnMut(&str),
) -> Result<(Boot, Option<Instructions>), Failure> {
    let until = Instant::now() + options.timeout;
    let at = whereabouts(options, prepared)?;
    let mut entry = match Entry::reach(qemu, machine, at, scratch, options.timeout) {
        Ok(entry) => entry,
        Err(error) => {
            let boot = over(error, console)?;
            if options.dump_facts.is_some() {
                output::note(
                    "note: no facts are written, since the boot was over before the kernel's first instruction",
                );
            }
            return Ok((boot, None));
        }
    };
    let dump = match &options.dump_facts {
        Some(file) => Some((Dump::at(&entry, &Blueprint::of(prepared.boots())?), file)),
        None => None,
    };
    let instructions = match symbols {
        Some(symbols) => measure::landing(&mut entry, symbols, until)?,
        None => None,
    };
    let boot = entry.finish(until.saturating_duration_since(Instant::now()), console)?;
    if let Some((dump, file)) = dump {
        dump.finish(boot.verdict.as_ref(), file)?;
    }
    Ok((boot, instructions))
}

/// A boot that was over before the kernel's first instruction is a boot all the same: `console` gets its lines.
pub(crate) fn over(error: EntryError, console: impl FnMut(&str)) -> Result<Boot, Failure> {
    match error {
        EntryError::Over(boot) => {
            boot.console.iter().map(String::as_str).for_each(console);
            Ok(*boot)
        }
        error => Err(error.into()),
    }
}

/// Where the image will lie.
pub(crate) fn whereabouts(options: &Options, prepared: &Prepared) -> Result<Whereabouts, Failure> {
    Ok(match options.firmware {
        Firmware::Uefi(_) => Whereabouts::ByEfi,
        Firmware::UBoot => Whereabouts::At(place::DEFAULT),
        Firmware::OpenSbi | Firmware::File(_) => Whereabouts::At(prepared.base(options.at)?),
    })
}

/// A line of the console, as it comes.
fn show(format: Format, line: &str) {
    if verdict::is_for_programs(line) {
        return;
    }
    match format {
        Format::Text => output::result(line),
        Format::Json => output::note(line),
    }
}

/// What the boot comes to: a report, or a failure.
fn conclude(boot: Boot, options: &Options) -> Result<Report, Failure> {
    if !boot.errors.is_empty() {
        output::note(&boot.errors);
    }
    match (boot.verdict, boot.status) {
        (Some(Verdict::Landed(report)), _) => {
            if let (Randomness::Seed(_), Some(reason)) = (options.randomness, report.other_than_seed()) {
                output::note(format_args!("note: --seed did not decide this layout; KASLR is {reason}"));
            }
            Ok(report)
        }
        (Some(Verdict::Unreadable(error)), _) => Err(error.into()),
        (Some(Verdict::Refused { rule, message }), _) => {
            tell(options.format, || report::refused(&rule, &message));
            Err(Failure::Refused { rule, message })
        }
        (Some(Verdict::Panicked { message }), _) => Err(Failure::Panicked { message }),
        (None, Some(status)) => Err(Failure::Stopped { status, last: LastLines::of(&boot.console) }),
        (None, None) => {
            if let (Firmware::File(path), true) = (&options.firmware, boot.console.is_empty()) {
                output::note(format_args!(
                    "note: {} stands in the place of OpenSBI: it has to begin with code for machine mode, linked to run at 0x80000000",
                    path.display()
                ));
            }
            Err(Failure::NoVerdict { waited: options.timeout, last: LastLines::of(&boot.console) })
        }
    }
}

/// The result as one JSON object, where the user wants that.
fn tell(format: Format, result: impl FnOnce() -> Value) {
    match format {
        Format::Text => {}
        Format::Json => output::result(result()),
    }
}

/// The kernel's symbols, where the machine counts instructions.
fn symbols_to_count(machine: &Machine, prepared: &Prepared) -> Result<Option<Symbols>, Failure> {
    if !measure::is_exact(machine) {
        return Ok(None);
    }
    let Some(symbols) = prepared.symbols() else {
        output::note(
            "note: instructions are not counted: a flat image has no symbols; name its ELF or its package",
        );
        return Ok(None);
    };
    Ok(Some(Symbols::read(symbols).map_err(MeasureError::from)?))
}

/// A directory for the files of one boot; it goes with the value.
///
/// # Errors
/// [`Failure`] where none can be made.
pub fn scratch() -> Result<Scratch, Failure> {
    let what = "cannot make a temporary directory";
    Scratch::create().map_err(|source| Failure::File { what: what.to_owned(), source })
}
