//! `cargo landfall run`: one boot, from the kernel's name to the verdict.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::debug;
use crate::dump::{self, Dump};
use crate::entry::{Entry, EntryError, Whereabouts};
use crate::failure::Failure;
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
use crate::qemu::{Boot, ByLine, Qemu};
use crate::report::Report;
use crate::scratch::Scratch;
use crate::screen::Screen;
use crate::setup;
use crate::symbolize::Names;
use crate::symbols::Symbols;
use crate::units::{Address, Seed, Size};
use crate::verdict::Verdict;

mod conclude;
mod seat;

use conclude::conclude;
pub(crate) use seat::{Attended, Seat};

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
    /// How long the machine may run, where no user ends it.
    pub timeout: Duration,
    /// A text on the console that ends the run with success.
    pub until: Option<String>,
    /// Whose keyboard the machine's is.
    pub keyboard: Keys,
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

/// Whose keyboard the machine's is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// Nobody's: a script or a test waits for a verdict.
    #[default]
    Nobody,
    /// The user's, if stdin is a terminal. Then the machine runs until it ends, or the user ends it.
    User,
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

/// Boots a kernel and reports the verdict.
///
/// # Errors
/// [`Failure`] where it did not land, or failed afterwards.
pub fn run(options: &Options) -> Result<(), Failure> {
    check(options)?;
    let kernel = Kernel::find(&options.kernel)?;
    let prepared = Prepared::from(&kernel, &options.kernel.allow)?;
    let elf = elf_of(&prepared);
    let mut screen = Screen::lines(options.format, Names::of(&elf));
    let attended = Attended::now(options);
    let (boot, instructions) = match options.control {
        Control::Nobody => boot(options, prepared, attended, &mut screen)?,
        Control::Debugger => (debug::wait::boot(options, (&kernel, prepared), attended, &mut screen)?, None),
    };
    drop(screen);
    let report = conclude(boot, options)?;
    if let (Some(instructions), Format::Text) = (&instructions, options.format) {
        output::result(instructions);
    }
    if options.format == Format::Json {
        let mut report = report.ok_or(Failure::NoReport)?;
        if let Some(instructions) = instructions {
            report.set_instructions(instructions.to_json());
        }
        output::result(report.into_json());
    }
    Ok(())
}

/// Boots a kernel and returns its report, and the instructions where the machine counts them. `console` gets each line of the console as it comes.
///
/// # Errors
/// [`Failure`] where it did not land, or failed afterwards.
pub fn land(options: &Options, console: impl FnMut(&str)) -> Result<(Report, Option<Instructions>), Failure> {
    check(options)?;
    let prepared = Prepared::from(&Kernel::find(&options.kernel)?, &options.kernel.allow)?;
    let mut screen = ByLine(console);
    let (boot, instructions) = boot(options, prepared, Attended::No, &mut screen)?;
    Ok((conclude(boot, options)?.ok_or(Failure::NoReport)?, instructions))
}

/// The bytes of the ELF with the kernel's names, or none.
fn elf_of(prepared: &Prepared) -> Vec<u8> {
    prepared.symbols().and_then(|path| fs::read(path).ok()).unwrap_or_default()
}

/// One boot: what became of it, and the instructions where the machine counts them.
fn boot(
    options: &Options,
    prepared: Prepared,
    attended: Attended,
    seat: &mut dyn Seat,
) -> Result<(Boot, Option<Instructions>), Failure> {
    let qemu = setup::qemu(setup::FOR_RUN)?;
    let scratch = scratch()?;
    let prepared = prepared.with_policy(&options.policy, scratch.path())?;
    let machine = prepared.machine(options, &qemu, scratch.path())?;
    let symbols = symbols_to_count(&machine, &prepared)?;
    if options.dump_facts.is_some() || symbols.is_some() {
        let machine = (&qemu, &machine);
        return boot_with_a_stop(
            options,
            &prepared,
            machine,
            scratch.path(),
            symbols.as_ref(),
            attended,
            seat,
        );
    }
    let mut running = qemu.start(machine.arguments())?;
    attended.take(running.keys(), seat)?;
    let boot = running.watch_as(attended.watch(options, Instant::now() + options.timeout), seat)?;
    Ok((boot, None))
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
    attended: Attended,
    seat: &mut dyn Seat,
) -> Result<(Boot, Option<Instructions>), Failure> {
    let until = Instant::now() + options.timeout;
    let at = whereabouts(options, prepared)?;
    let mut entry = match Entry::reach(qemu, machine, at, scratch, options.timeout) {
        Ok(entry) => entry,
        Err(error) => {
            let boot = over(error, seat)?;
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
    attended.take(entry.keys(), seat)?;
    let boot = entry.finish(attended.watch(options, until), seat)?;
    if let Some((dump, file)) = dump {
        let first = boot.console.iter().find_map(|line| Verdict::of(line));
        dump.finish(first.as_ref(), file)?;
    }
    Ok((boot, instructions))
}

/// A boot that was over before the kernel's first instruction is a boot all the same: `audience` gets its lines.
pub(crate) fn over(error: EntryError, audience: &mut dyn Seat) -> Result<Boot, Failure> {
    match error {
        EntryError::Over(boot) => {
            boot.console.iter().for_each(|line| audience.line(line));
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
