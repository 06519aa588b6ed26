//! One boot on Spike, and the judgment of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{fs, io};

use landfall_host::build::{self, BuildError};
use landfall_host::image::{self, ImageError};
use landfall_host::kernel::KernelFile;
use landfall_host::machine::Harts;
use landfall_host::place;
use landfall_host::report::Report;
use landfall_host::setup::{self, SetupError};
use landfall_host::verdict::Verdict;
use landfall_predict::board::{self, BoardError, Loading};
use landfall_predict::case::{Case, Outcome};
use landfall_predict::units::{Address, Extent, Seed, Size};
use landfall_predict::{json, view};
use serde_json::Value;
use thiserror::Error;

use crate::compare;
use crate::firmware::{self, Firmware, FirmwareError};
use crate::install::{InstallError, Spike};
use crate::judge::{Judge, Seen};
use crate::machine::{self, Console};
use crate::program::{self, ProgramError};
use crate::tree::{self, Settings, TreeError};

/// The limit for one boot. Most take a fifth of a second, and ten seconds with a log.
const LIMIT: Duration = Duration::from_secs(120);

/// One boot.
#[derive(Clone, Copy, Debug)]
pub struct Boot {
    /// The package of the kernel.
    pub kernel: &'static str,
    /// The `mmu-type` of the harts without the vendor: `sv39`, `sv48` or `sv57`.
    pub mode: &'static str,
    /// Harts and memory.
    pub size: machine::Size,
    /// The address of the image.
    pub at: u64,
    /// The seed in the tree.
    pub seed: Option<Seed>,
    /// The kernel's command line.
    pub command_line: &'static str,
    /// The evidence.
    pub watch: Watch,
}

/// The evidence by which a boot is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// By its console.
    Console,
    /// By its log too.
    Log,
}

/// A reason why a boot could not be judged.
#[derive(Debug, Error)]
pub enum BootError {
    /// Spike is missing.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// OpenSBI or the Rust target is missing.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The firmware's file.
    #[error(transparent)]
    Firmware(#[from] FirmwareError),
    /// The kernel did not build.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The kernel's image.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The ELF that Spike loads.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The device tree.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The plan for this tree.
    #[error(transparent)]
    Plan(#[from] BoardError),
    /// No machine has that many harts.
    #[error("{0} harts are not supported; use 1 to 512")]
    Harts(u32),
    /// A file or a process.
    #[error("{what}: {source}")]
    System {
        /// The action.
        what: String,
        /// The system's error.
        source: io::Error,
    },
}

/// Everything that boots need: Spike, firmware, and kernels.
#[derive(Debug)]
pub struct Bench {
    spike: Spike,
    firmware: Firmware,
    /// The flat images that were built, by package.
    kernels: Mutex<BTreeMap<&'static str, PathBuf>>,
}

impl Bench {
    /// Obtains what is missing. Spike goes to `cache`.
    ///
    /// # Errors
    /// [`BootError`] names what is missing.
    pub fn ready(cache: &Path) -> Result<Self, BootError> {
        let spike = Spike::obtain(cache)?;
        // OpenSBI comes with it.
        setup::qemu(setup::FOR_RUN)?;
        setup::rust_target()?;
        let file = fs::read(firmware::FILE).map_err(system(format!("cannot read {}", firmware::FILE)))?;
        Ok(Self { spike, firmware: Firmware::read(&file)?, kernels: Mutex::default() })
    }

    /// Boots, and returns the findings: none if all is as it must be.
    ///
    /// # Errors
    /// [`BootError`] if there is nothing to judge.
    pub fn judge(&self, boot: &Boot) -> Result<Vec<String>, BootError> {
        let flat = self.kernel(boot.kernel)?;
        let image = fs::read(&flat).map_err(system(format!("cannot read {}", flat.display())))?;
        let tree = tree::of_machine(self.dump(boot), boot.settings())?;
        let (console, seen) = self.run(boot, &image, &tree)?;
        let mut findings = complaints(&console);
        match (Verdict::over(&console.lines), boot.plan(&tree, flat)?) {
            (Some(Verdict::Landed(report)), Expected::Lands(plan)) => {
                findings.extend(compare::with_plan(&report, &plan));
                findings.extend(seen.map(|seen| of_log(&report, seen)).unwrap_or_default());
            }
            (Some(Verdict::Refused { rule, .. }), Expected::Refuses(right)) if rule == right => {}
            (verdict, expected) => {
                findings.push(format!("the verdict is {verdict:?}, and the plan says {expected:?}"));
                let last = console.lines.iter().rev().take(8).rev().map(|line| format!("  | {line}"));
                findings.extend(last);
            }
        }
        Ok(findings)
    }

    /// Returns the flat image of a package, which is built once.
    fn kernel(&self, package: &'static str) -> Result<PathBuf, BootError> {
        let mut kernels = self.kernels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flat) = kernels.get(package) {
            return Ok(flat.clone());
        }
        let flat = build::named(package)?.flat;
        kernels.insert(package, flat.clone());
        Ok(flat)
    }

    /// Returns the command that prints the machine's tree.
    fn dump(&self, boot: &Boot) -> Command {
        let mut command = machine::command(&self.spike, boot.size);
        // Spike wants a program even so.
        command.arg("--dump-dts").arg(firmware::FILE);
        command
    }

    fn run(&self, boot: &Boot, image: &[u8], tree: &[u8]) -> Result<(Console, Option<Seen>), BootError> {
        let scratch = tempfile::tempdir().map_err(system("cannot make a folder".to_owned()))?;
        let file = |name: &str, bytes: &[u8]| {
            let path = scratch.path().join(name);
            let failed = system(format!("cannot write {}", path.display()));
            machine::write(&path, bytes).map_err(failed).map(|()| path)
        };
        let program = file("boot.elf", &program::link(&self.firmware, image, boot.at)?)?;
        let tree = file("machine.dtb", tree)?;
        let mut command = machine::command(&self.spike, boot.size);
        command.arg(format!("--dtb={}", tree.display()));
        let start = || system("cannot run Spike".to_owned());
        if boot.watch == Watch::Console {
            let console = machine::run(command, &program, LIMIT, None).map_err(start())?;
            return Ok((console, None));
        }
        let mut judge = Judge::new(image, boot.at);
        let mut line = |line: &[u8]| judge.line(line);
        let console = machine::run(command, &program, LIMIT, Some(&mut line)).map_err(start())?;
        Ok((console, Some(judge.finish())))
    }
}

/// The outcome that the plan predicts.
#[derive(Debug)]
enum Expected {
    /// A landing, with its report.
    Lands(Value),
    /// A refusal by this rule.
    Refuses(String),
}

impl Boot {
    fn settings(&self) -> Settings {
        let mmu_type = match self.mode {
            "sv39" => "riscv,sv39",
            "sv48" => "riscv,sv48",
            _ => "riscv,sv57",
        };
        Settings { mmu_type, command_line: self.command_line, seed: self.seed }
    }

    /// Predicts from the machine's own tree. Firmware reserves its memory there later, so that
    /// range is stated here.
    fn plan(&self, tree: &[u8], flat: PathBuf) -> Result<Expected, BootError> {
        let harts = Harts::new(self.size.harts).ok_or(BootError::Harts(self.size.harts))?;
        let firmware = place::firmware(harts);
        let size = Size(firmware.end.0 - firmware.start.0);
        let loading = Loading {
            no_map: vec![Extent { base: firmware.start, size }],
            at: Some(Address(self.at)),
            tree_at: Some(Address(firmware::TREE)),
            boot_hart: Some(0),
            ..Loading::default()
        };
        let case = board::case(tree, &loading, &image::blueprint(&KernelFile::Flat(flat))?)?;
        Ok(match case.map(Case::predict) {
            Err(refused) | Ok(Outcome::Refuses(refused)) => Expected::Refuses(refused.rule.to_string()),
            Ok(Outcome::Lands(prediction)) => {
                Expected::Lands(json::object(&prediction, &view::address_space(&prediction)))
            }
        })
    }
}

/// Returns what the console alone shows to be wrong.
fn complaints(console: &Console) -> Vec<String> {
    let failed = |line: &&String| line.starts_with("landfall: test ") && !line.ends_with(" ok");
    let mut findings: Vec<_> = console.lines.iter().filter(failed).cloned().collect();
    findings.extend(console.messages.iter().map(|message| format!("Spike: {message}")));
    if console.timed_out {
        findings.push(format!("the machine did not end in {} s", LIMIT.as_secs()));
    }
    findings
}

/// Returns what the log shows to be wrong.
fn of_log(report: &Report, seen: Seen) -> Vec<String> {
    let mut findings = compare::with_tables(report, &seen);
    findings.extend(seen.findings);
    findings
}

fn system(what: String) -> impl FnOnce(io::Error) -> BootError {
    move |source| BootError::System { what, source }
}
