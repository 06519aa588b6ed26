//! `cargo landfall run`: one boot, from the kernel's name to the verdict.

use std::ffi::OsString;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use object::LittleEndian;
use object::read::elf::ElfFile64;
use serde_json::Value;
use tempfile::TempDir;

use crate::build::{self, BuildError, Built};
use crate::dump::Dump;
use crate::entry::Entry;
use crate::failure::{Failure, LastLines};
use crate::kernel::{Kernel, KernelFile};
use crate::machine::{Harts, Machine, Memory, Mode};
use crate::measure::{self, Instructions};
use crate::output;
use crate::place;
use crate::plan::image::Blueprint;
use crate::policy::Change;
use crate::qemu::{Boot, Qemu};
use crate::report::{self, Report};
use crate::setup;
use crate::symbols::Symbols;
use crate::tree;
use crate::units::{Address, Seed, Size};
use crate::verdict::{self, Verdict};

/// What a user asks of `run`.
#[derive(Clone, Debug)]
pub struct Options {
    /// A package of the workspace, or a file.
    pub kernel: String,
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
    let (mut report, instructions) = land(options, |line| show(options.format, line))?;
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
    let kernel = Kernel::find(&options.kernel)?;
    let qemu = setup::qemu(setup::FOR_RUN)?;
    let scratch = scratch()?;
    let prepared = Prepared::from(&kernel)?.with_policy(&options.policy, scratch.path())?;
    let machine = prepared.machine(options, &qemu, scratch.path())?;
    let boot = match &options.dump_facts {
        None => qemu.boot(machine.arguments(), options.timeout, console)?,
        Some(file) => boot_and_dump(options, &prepared, (&qemu, &machine), scratch.path(), file, console)?,
    };
    if !boot.errors.is_empty() {
        output::note(&boot.errors);
    }
    let report = conclude(boot, options)?;
    let instructions = count(&report, options, &qemu, &machine, &prepared)?;
    Ok((report, instructions))
}

/// Boots with a stop at the kernel's first instruction, and writes down what it finds there.
fn boot_and_dump(
    options: &Options,
    prepared: &Prepared,
    (qemu, machine): (&Qemu, &Machine),
    scratch: &Path,
    file: &Path,
    console: impl FnMut(&str),
) -> Result<Boot, Failure> {
    let kernel = Blueprint::of(&prepared.boots)?;
    let base = prepared.base(options.at)?;
    let entry = Entry::reach(qemu, machine, base, scratch, options.timeout)?;
    let dump = Dump::at(&entry, &kernel, base);
    let boot = entry.finish(options.timeout, console)?;
    dump.finish(boot.verdict.as_ref(), file)?;
    Ok(boot)
}

impl Options {
    fn machine(&self) -> Machine {
        let nokaslr = (self.randomness == Randomness::Off).then_some("nokaslr");
        let words: Vec<_> = self.append.as_deref().into_iter().chain(nokaslr).collect();
        Machine {
            mode: self.mode,
            memory: Memory::One(self.memory),
            harts: self.harts,
            append: (!words.is_empty()).then(|| words.join(" ").into()),
            extra: self.qemu.clone(),
            ..Machine::default()
        }
    }
}

/// A kernel's files: what boots, and where its symbols are.
#[derive(Debug)]
pub struct Prepared {
    boots: KernelFile,
    symbols: Option<PathBuf>,
}

impl Prepared {
    /// Builds a package; a file is there already.
    ///
    /// # Errors
    /// [`Failure`] where it does not build.
    pub fn from(kernel: &Kernel) -> Result<Self, Failure> {
        match kernel {
            Kernel::Package(package) => {
                setup::rust_target()?;
                let Built { elf, flat } = build::package(package)?;
                Ok(Self { boots: KernelFile::Flat(flat), symbols: Some(elf) })
            }
            Kernel::File(file) => {
                let symbols = match file {
                    KernelFile::Elf(path) => Some(path.clone()),
                    KernelFile::Flat(_) => None,
                };
                Ok(Self { boots: file.clone(), symbols })
            }
        }
    }

    /// The same kernel with another policy, as a file in `scratch`.
    ///
    /// # Errors
    /// [`Failure`] where no kernel can have such a policy.
    pub fn with_policy(self, changes: &[Change], scratch: &Path) -> Result<Self, Failure> {
        if changes.is_empty() {
            return Ok(self);
        }
        let path = self.boots.path();
        let mut bytes = fs::read(path).map_err(|source| file("cannot read the kernel", path, source))?;
        match self.boots {
            KernelFile::Flat(_) => build::policy::change_flat(&mut bytes, changes)?,
            KernelFile::Elf(_) => build::policy::change_elf(&mut bytes, changes)?,
        }
        let copy = scratch.join("policy.image");
        fs::write(&copy, bytes).map_err(|source| file("cannot write the kernel", &copy, source))?;
        let boots = match self.boots {
            KernelFile::Flat(_) => KernelFile::Flat(copy),
            KernelFile::Elf(_) => KernelFile::Elf(copy),
        };
        Ok(Self { boots, ..self })
    }

    /// The file that boots.
    #[must_use]
    pub const fn boots(&self) -> &KernelFile {
        &self.boots
    }

    /// Where the image will lie.
    ///
    /// # Errors
    /// [`Failure`] where the ELF does not say.
    pub fn base(&self, at: Option<Address>) -> Result<Address, Failure> {
        let path = self.boots.path();
        match (at, &self.boots) {
            (Some(at), _) => Ok(at),
            (None, KernelFile::Flat(_)) => Ok(place::DEFAULT),
            (None, KernelFile::Elf(_)) => {
                let bytes = fs::read(path).map_err(|source| file("cannot read the kernel", path, source))?;
                let elf = ElfFile64::<LittleEndian>::parse(&*bytes)
                    .map_err(|source| BuildError::Elf { path: path.to_owned(), source })?;
                Ok(build::flat::load_address(&elf).unwrap_or(place::DEFAULT))
            }
        }
    }

    /// The machine that boots this kernel as `options` say. Files for QEMU go to `scratch`.
    ///
    /// # Errors
    /// [`Failure`] where there is no such machine.
    pub fn machine(&self, options: &Options, qemu: &Qemu, scratch: &Path) -> Result<Machine, Failure> {
        let mut machine = options.machine();
        match options.at {
            None => machine.kernel = Some(self.boots.path().to_owned()),
            Some(at) => place::put(&mut machine, &self.image()?, at, scratch)?,
        }
        match options.randomness {
            Randomness::Seed(seed) => machine.dtb = Some(seeded_tree(seed, qemu, &machine, scratch)?),
            Randomness::Fresh if measure::is_exact(&machine) => repeat_the_seed(&mut machine),
            Randomness::Fresh | Randomness::Off => {}
        }
        Ok(machine)
    }

    /// The bytes of the flat image.
    fn image(&self) -> Result<Vec<u8>, Failure> {
        let path = self.boots.path();
        let bytes = fs::read(path).map_err(|source| file("cannot read the kernel", path, source))?;
        match self.boots {
            KernelFile::Flat(_) => Ok(bytes),
            KernelFile::Elf(_) => {
                let elf = ElfFile64::<LittleEndian>::parse(&*bytes)
                    .map_err(|source| BuildError::Elf { path: path.to_owned(), source })?;
                let flat = build::flat::flatten(&elf)
                    .map_err(|source| BuildError::Flat { path: path.to_owned(), source })?;
                Ok(flat.bytes)
            }
        }
    }
}

/// The tree for QEMU's `-dtb` that holds `seed`.
fn seeded_tree(seed: Seed, qemu: &Qemu, machine: &Machine, scratch: &Path) -> Result<PathBuf, Failure> {
    let tree = tree::with_seed(&tree::of_machine(qemu, machine, scratch)?, seed)?;
    let path = scratch.join("seeded.dtb");
    fs::write(&path, tree).map_err(|source| file("cannot write the device tree", &path, source))?;
    Ok(path)
}

/// A measured kernel boots twice and must land at the same place both times. QEMU writes its `rng-seed` anew at each start,
/// into a tree of ours too; told where its own random numbers start, it writes the same again.
fn repeat_the_seed(machine: &mut Machine) {
    let start = RandomState::new().build_hasher().finish();
    machine.extra.splice(0..0, ["-seed".into(), start.to_string().into()]);
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
    match (boot.verdict, boot.status) {
        (Some(Verdict::Landed(report)), _) => Ok(report),
        (Some(Verdict::Unreadable(error)), _) => Err(error.into()),
        (Some(Verdict::Refused { rule, message }), _) => {
            tell(options.format, || report::refused(&rule, &message));
            Err(Failure::Refused { rule, message })
        }
        (Some(Verdict::Panicked { message }), _) => Err(Failure::Panicked { message }),
        (None, Some(status)) => Err(Failure::Stopped { status, last: LastLines::of(&boot.console) }),
        (None, None) => {
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

/// The instructions that the landing took, where the machine counts them.
fn count(
    report: &Report,
    options: &Options,
    qemu: &Qemu,
    machine: &Machine,
    prepared: &Prepared,
) -> Result<Option<Instructions>, Failure> {
    if !measure::is_exact(machine) {
        return Ok(None);
    }
    let Some(symbols) = &prepared.symbols else {
        output::note(
            "note: instructions are not counted: a flat image has no symbols; name its ELF or its package",
        );
        return Ok(None);
    };
    let places = (report.kernel_loaded(), report.kernel_physical(), report.kernel_virtual());
    let (Some(loaded), Some(physical), Some(at_virtual)) = places else { return Ok(None) };
    let symbols = Symbols::read(symbols).map_err(measure::MeasureError::from)?;
    let landed = measure::Landed { loaded, physical, at_virtual };
    Ok(Some(measure::landing(qemu, machine, &symbols, landed, options.timeout)?))
}

/// A directory for the files of one boot; it goes with the value.
///
/// # Errors
/// [`Failure`] where none can be made.
pub fn scratch() -> Result<TempDir, Failure> {
    let directory = tempfile::Builder::new().prefix("landfall-").tempdir();
    directory.map_err(|source| Failure::File { what: "cannot make a temporary directory".to_owned(), source })
}

fn file(what: &str, path: &Path, source: io::Error) -> Failure {
    Failure::File { what: format!("{what} {}", path.display()), source }
}
