//! Runs one case.

mod audited;
mod crash;
mod firmware;
mod generations;
mod loans;
mod others;
mod overflow;
mod rom;
mod wrapped;

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use landfall_image::console::REPORT;
use tempfile::TempDir;

use super::archive;
use super::bench::Bench;
use super::case::{Aid, Case, Expect, Load, Seeding};
use super::devicetree;
use super::efi;
use super::image::{Alter, Image};
use super::judge;
use super::kernels::TestKernel;
use super::moving::Way;
use super::paths::Wanted;
use super::session::{Console, Entry, Lottery, Session, as_text};
use landfall_host::machine::{Firmware, Machine, Memory};
use landfall_host::place;
use landfall_host::tree;
use landfall_host::verdict::Verdict;
use landfall_predict::units::Address;

/// The time limit of one boot, which only ends a machine that hangs. A boot takes about a second;
/// on a busy host it takes a hundred times as long.
const TIME: Duration = Duration::from_secs(240);

/// A failure, and the arguments with which QEMU ran.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) reasons: Vec<String>,
    pub(super) qemu: String,
}

/// A machine with its kernel's files.
struct Prepared<'a> {
    bench: Bench,
    case: &'a Case,
    kernel: &'a TestKernel,
    /// The kernel's image, with the case's policy.
    image: Cow<'a, Image>,
    machine: Machine,
    base: u64,
    directory: TempDir,
}

/// Runs a case.
pub(super) fn run(bench: Bench, case: &Case) -> Result<(), Failed> {
    let prepared =
        Prepared::new(bench, case).map_err(|reason| Failed { reasons: vec![reason], qemu: String::new() })?;
    let result = match &case.expect {
        Expect::Landing { lines } => prepared.landing(lines),
        Expect::Registers => prepared.registers(),
        Expect::Overflow(index) => prepared.overflow(*index),
        Expect::OverflowObjection(index) => prepared.overflow_objection(*index),
        Expect::Console { lines } => prepared.console_has(lines),
        Expect::Refusal(rule) => prepared.refusal(rule),
        Expect::Return(rule) => prepared.returns(rule),
        Expect::GivesBack(rule) => prepared.gives_back(rule),
        Expect::Changed(tables, rule) => prepared.changed(*tables, *rule),
        Expect::Unwilling(unwilling) => prepared.unwilling(unwilling),
        Expect::Panic(message) => prepared.panic(message),
        Expect::Objection(mutation) => prepared.objection(*mutation),
        Expect::Layouts => prepared.layouts(),
        Expect::Secrets(search) => prepared.secrets(*search),
        Expect::OwnTables { device } => prepared.own_tables(*device),
        Expect::Platform { lines } => prepared.platform(lines),
        Expect::PlatformObjection => prepared.platform_objection(),
        Expect::Application { lines } => prepared.application(lines),
        Expect::Spaces => prepared.spaces(),
        Expect::SpacesObjection => prepared.spaces_objection(),
        Expect::Audit(code) => prepared.audited(*code),
        Expect::OwnStart { lines } => prepared.own_start(lines),
        Expect::Wrapped { lines } => prepared.wrapped(lines),
        Expect::Crash(crash) => prepared.crash(*crash),
        Expect::Generations(judged) => prepared.generations(*judged),
    };
    let reasons = result.unwrap_or_else(|error| vec![prepared.with_console(&error)]);
    if reasons.is_empty() {
        return Ok(());
    }
    let quote = |argument: std::ffi::OsString| format!("'{}'", argument.display());
    let qemu: Vec<_> = prepared.machine.arguments().into_iter().map(quote).collect();
    Err(Failed { reasons, qemu: format!("qemu-system-riscv64 {}", qemu.join(" ")) })
}

impl<'a> Prepared<'a> {
    fn new(bench: Bench, case: &'a Case) -> Result<Self, String> {
        let directory = as_text(landfall_host::private::folder("landfall-test-"))?;
        let kernel = bench.kernels.get(case.kernel)?;
        let mut machine = case.machine.clone();
        if case.aid == Some(Aid::Shim) {
            machine.firmware = Firmware::File(bench.kernels.shim()?.to_owned());
        }
        if let (Some(byte), Memory::One(size)) = (case.prefill, &machine.memory) {
            let path = directory.path().join("ram");
            let bytes = vec![byte; usize::try_from(size.0).map_err(|error| error.to_string())?];
            as_text(fs::write(&path, bytes))?;
            machine.memory = Memory::File { path, size: *size };
        }
        if let Memory::Rom { sizes, path } = &mut machine.memory {
            *path = directory.path().join("rom");
            as_text(rom::make(path, sizes[1]))?;
        }
        let image = match &case.policy {
            Some(policy) => Cow::Owned(kernel.image.with_policy(policy)?),
            None => Cow::Borrowed(&kernel.image),
        };
        let base = place::DEFAULT.0;
        let mut prepared = Self { bench, case, kernel, image, machine, base, directory };
        if case.aid == Some(Aid::Modules) {
            let initrd = bench.kernels.modules()?;
            prepared.machine.initrd = Some(prepared.write("initrd", initrd)?);
        }
        if case.aid == Some(Aid::Itself) {
            let archive = archive::of(&[("landfall/next", &kernel.image.flat)]);
            prepared.machine.initrd = Some(prepared.write("initrd", &archive)?);
        }
        if case.aid == Some(Aid::Hello) {
            let next = &bench.kernels.get("hello")?.image.flat;
            let archive = archive::of(&[("landfall/next", next)]);
            prepared.machine.initrd = Some(prepared.write("initrd", &archive)?);
        }
        if let Some(initrd) = &case.initrd {
            prepared.machine.initrd = Some(prepared.write("initrd", initrd)?);
        }
        if let Some(tree) = &case.tree {
            prepared.machine.dtb = Some(prepared.write("board.dtb", tree)?);
        }
        prepared.load()?;
        Ok(prepared)
    }

    fn load(&mut self) -> Result<(), String> {
        let changed = match (&self.case.damage, &self.image) {
            (Some(damage), image) => Some(damage(image)?),
            (None, Cow::Owned(image)) => Some(image.flat.clone()),
            (None, Cow::Borrowed(_)) => None,
        };
        match (self.case.load, changed) {
            (Load::Elf, None) => self.machine.kernel = Some(self.kernel.elf.clone()),
            (Load::Elf, Some(_)) => {
                let elf = self.image.elf(&self.kernel.elf)?;
                self.machine.kernel = Some(self.write("kernel.elf", &elf)?);
            }
            (Load::Flat, None) => self.machine.kernel = Some(self.kernel.flat.clone()),
            (Load::Flat, Some(flat)) => self.machine.kernel = Some(self.write("kernel.bin", &flat)?),
            (Load::At(at), changed) => {
                let flat = changed.as_deref().unwrap_or(&self.image.flat);
                // The part of the image that lies in ROM goes into the ROM's file; QEMU loads the
                // rest.
                let in_ram = as_text(rom::put(&self.machine.memory, flat, at))?;
                as_text(place::put(&mut self.machine, in_ram, Address(at), self.directory.path()))?;
                self.base = at;
            }
            (Load::Path(path), changed) => {
                let image = match changed {
                    Some(flat) => self.write("kernel.bin", &flat)?,
                    None => self.kernel.flat.clone(),
                };
                let wanted = Wanted { image: &image, directory: self.directory.path() };
                path.prepare(&mut self.machine, wanted)?;
                self.base = path.base();
            }
            (Load::Efi(way), changed) => {
                let flat = changed.as_deref().unwrap_or(&self.image.flat);
                if let Some(Aid::Pieces(kind)) = self.case.aid {
                    let mut first = as_text(fs::read(self.bench.kernels.pieces()?))?;
                    first.iter_mut().skip(4).take(1).for_each(|place| *place = kind);
                    efi::u_boot::start_first(&first, self.directory.path())?;
                }
                way.install(&mut self.machine, flat, self.directory.path())?;
                if way.is_by_u_boot() && !matches!(self.case.expect, Expect::Return(_)) {
                    self.base = self.find_base()?;
                }
            }
        }
        Ok(())
    }

    /// Returns the address at which U-Boot's EFI puts the image: the same in each boot of the same
    /// machine.
    fn find_base(&self) -> Result<u64, String> {
        let boot = as_text(self.bench.qemu.boot(self.machine.arguments(), TIME, |_| {}))?;
        let base = match &boot.verdict {
            Some(Verdict::Landed(report)) => report.kernel_loaded(),
            _ => None,
        };
        base.map(|base| base.0)
            .ok_or_else(|| format!("the kernel does not land; the console ends with{}", last(&boot.console)))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, String> {
        let path = self.directory.path().join(name);
        as_text(fs::write(&path, bytes))?;
        Ok(path)
    }

    fn image(&self) -> &Image {
        &self.image
    }

    /// Returns a machine before the kernel's first instruction, and the image's address there.
    fn start(&self) -> Result<(Session, u64), String> {
        let mut session = Session::start(self.bench.qemu, &self.machine, self.directory.path(), TIME)?;
        let base = match self.case.load {
            Load::Efi(way) if !way.is_by_u_boot() => session.locate(&self.machine, way.known())?,
            _ => self.base,
        };
        Ok((session, base))
    }

    /// Returns a machine at the kernel's first instruction, with the changes of the case.
    fn enter(&self, seeding: Seeding) -> Result<(Session, Entry), String> {
        let (mut session, base) = self.start()?;
        let mut entry = session.enter(base, self.image(), self.case.boot_hart)?;
        if self.case.aid == Some(Aid::Shim) {
            entry.lottery = Lottery::Kernel;
        }
        match seeding {
            Seeding::Own => {}
            Seeding::Seed(seed) => {
                session.edit_tree(&mut entry, |tree| devicetree::set_seed(tree, Some(seed)))?;
            }
            Seeding::None => session.edit_tree(&mut entry, |tree| devicetree::set_seed(tree, None))?,
        }
        if let Some(change) = &self.case.change {
            change(&mut session, &mut entry, self.image())?;
        }
        Ok((session, entry))
    }

    fn landing(&self, lines: &[String]) -> Result<Vec<String>, String> {
        let (mut session, entry) = self.enter(self.case.seeding)?;
        let image = match self.case.load {
            Load::Efi(way) => {
                let directory = self.directory.path();
                Cow::Owned(way.as_loaded(&mut session, self.image(), entry.base, directory)?)
            }
            _ => Cow::Borrowed(self.image()),
        };
        let image = &*image;
        let mut landed = judge::leap(&mut session, image, &entry)?;
        if let Load::Efi(way) = self.case.load {
            landed.findings.extend(efi::check(
                &mut session,
                &entry,
                &self.machine,
                &landed.tree,
                &landed.tables.walk,
                &landed.prediction.secrets(),
            )?);
            if matches!(self.case.aid, Some(Aid::Pieces(_))) {
                landed.findings.extend(efi::in_pieces(&mut session, &entry)?);
            }
            if way.is_by_acpi() {
                let own = as_text(tree::of_machine(self.bench.qemu, &self.machine, self.directory.path()))?;
                landed.findings.extend(efi::acpi::check(&mut session, &entry, &own)?);
            }
        }
        let way = Way::of(landed.moved.as_ref());
        if self.case.way.is_some_and(|right| right != way) {
            landed.findings.push(format!("the image {}, and {:?} is right", way.name(), self.case.way));
        }
        landed.go_to_main(&mut session, image)?;
        landed.check_memory(&mut session, image)?;
        landed.check_registers(&mut session)?;
        landed.go_to_end(&mut session, image)?;
        let console = session.finish()?;
        landed.check_console(image, &console);
        landed.findings.extend(absent(&console, lines));
        if let Some(words) =
            self.case.words.as_deref().filter(|words| !console.lines.iter().any(|line| line.contains(words)))
        {
            landed.findings.push(format!("no line of the console has \"{words}\""));
        }
        landed.findings.extend(failed(&console));
        Ok(landed.findings)
    }

    /// Adds the end of the console of a second boot, without a debugger, to an error. The debugger
    /// slows the first boot.
    fn with_console(&self, error: &str) -> String {
        match self.bench.qemu.boot(self.machine.arguments(), Duration::from_secs(3), |_| {}) {
            Ok(boot) => {
                format!("{error}; without a debugger the console ends with{}", last(&boot.console))
            }
            Err(boot) => format!("{error}; {boot}"),
        }
    }

    /// Boots to the end. A debugger is attached only if the case needs one.
    fn console(&self) -> Result<Console, String> {
        if self.case.change.is_some() || self.case.seeding != Seeding::Own || self.case.boot_hart.is_some() {
            return self.enter(self.case.seeding)?.0.finish();
        }
        let boot = as_text(self.bench.qemu.boot(self.machine.arguments(), TIME, |_| {}))?;
        Ok(Console { verdict: boot.verdict, lines: boot.console, ended: boot.status.is_some() })
    }
}

/// Returns the last lines of a console, without the report.
fn last(console: &[String]) -> String {
    let messages: Vec<_> = console.iter().filter(|line| !line.starts_with(REPORT)).collect();
    let last: Vec<_> = messages.iter().rev().take(4).rev().map(|line| format!("\n    | {line}")).collect();
    last.concat()
}

/// Returns a finding for each of these lines that the console does not have.
fn absent(console: &Console, lines: &[impl AsRef<str>]) -> Vec<String> {
    let lines = lines.iter().map(AsRef::as_ref);
    let absent = lines.filter(|line| !console.lines.iter().any(|messages| messages == line));
    absent.map(|line| format!("the console does not have \"{line}\"")).collect()
}

/// Returns the tests that the kernel reports as failed.
fn failed(console: &Console) -> Vec<String> {
    let tests = console.lines.iter().filter(|line| line.starts_with("landfall: test "));
    tests.filter(|line| !line.ends_with(" ok")).cloned().collect()
}
