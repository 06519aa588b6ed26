//! The arguments of `run`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::chosen_args::ChosenArgs;
use super::kernel_args::ProfiledArgs;
use super::simulator_args::SimulatorArgs;
use super::values::{parse_harts, parse_memory, parse_seconds};
use crate::audit::AuditFormat;
use crate::failure::Failure;
use crate::run::{RunCommand, RunMachine};
use landfall_host::firmware::Firmware;
use landfall_host::kernel::{BuildOptions, Selection};
use landfall_host::machine::{Board, Harts, Mode};
use landfall_host::request::{BootRequest, Control, Keys, NextKernel, RunFormat, TIMEOUT};
use landfall_predict::policy::PolicyArgument;
use landfall_predict::units::{Address, Seed, Size};

pub(super) const EXAMPLES: &str = "\
Examples:
  cargo landfall run
  cargo landfall run --mode sv39 --at 0x9a345000 --memory 4G --harts 8
  cargo landfall run --seed 0123456789abcdef --format json
  cargo landfall run --policy placement=linear-map --policy stack=16K
  cargo landfall run --firmware u-boot --append 'a=b' --initrd some.file
  cargo landfall run --board sifive-u --harts 5
  cargo landfall run my-shell                       (keys go to the kernel; Ctrl-C ends the machine)
  cargo landfall run my-shell --until 'login: ' --timeout 10 < /dev/null
  cargo landfall run demo --then hello
  cargo landfall run demo --then vmlinux --then-initrd initrd.img --then-append 'console=ttyS0' --until 'login: '
  cargo landfall run --simulator worst --harts 4
  cargo landfall run --simulator worst --seed 7 --harts 4 --without old-load
  cargo landfall run --audit --mode sv48
  cargo landfall run --gdb --append hold
  cargo landfall run --dump-facts boot.json && cargo landfall plan --facts boot.json
  cargo landfall run target/riscv64gc-unknown-none-elf/release/hello.bin -- -icount shift=0";

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) kernel: ProfiledArgs,

    /// The firmware: `opensbi`, under which QEMU loads the kernel; `u-boot` or `uefi`, which load
    /// it from a disk; or a file. A file is EDK2 (`..CODE..fd`, with `..VARS..fd` beside it) or
    /// replaces OpenSBI. Missing firmware is fetched from Debian's archive
    #[arg(long, value_name = "NAME|FILE", default_value = "opensbi")]
    firmware: Firmware,

    /// The board
    #[arg(long, value_enum, default_value = "virt")]
    board: Board,

    /// The largest paging mode of the machine [default: all that QEMU has]
    #[arg(long, value_enum)]
    mode: Option<Mode>,

    /// Load the image at this physical address, such as 0x84201000 [default: 0x80200000]
    #[arg(long, value_name = "ADDR")]
    at: Option<Address>,

    /// The machine's RAM, with K, M, G or T; untouched memory costs the host nothing
    #[arg(long, value_name = "SIZE", default_value = "1G", value_parser = parse_memory)]
    memory: Size,

    /// The number of the machine's harts
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_harts)]
    harts: Harts,

    /// On QEMU, 16 hex digits that become the only seed in the device tree: the same seed gives the
    /// same layout. On the simulator, a decimal number: the same number gives the same machine and
    /// the same run, the seed in its device tree included
    #[arg(long, value_name = "HEX|N")]
    seed: Option<String>,

    #[command(flatten)]
    chosen: ChosenArgs,

    #[command(flatten)]
    pub(super) simulator: SimulatorArgs,

    /// An initial RAM disk for the kernel
    #[arg(long, value_name = "FILE")]
    initrd: Option<PathBuf>,

    /// A kernel that KERNEL starts by kexec: a package, an ELF or a flat image, as for KERNEL. It
    /// becomes landfall/next in the initrd, a cpio archive, and the command line gets the word
    /// landfall.then. The verdict is that of this second kernel
    #[arg(long, value_name = "IMAGE", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    then: Option<String>,

    /// The initial RAM disk of the second kernel
    #[arg(long, value_name = "FILE", requires = "then")]
    then_initrd: Option<PathBuf>,

    /// The command line of the second kernel
    #[arg(long, value_name = "TEXT", requires = "then", allow_hyphen_values = true)]
    then_append: Option<String>,

    /// Change the kernel's policy for this boot; repeatable; `--policy help` lists the keys
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) policy: Vec<PolicyArgument>,

    /// Write the facts of the boot, seeds included, to this file, for `plan --facts`
    #[arg(long, value_name = "FILE")]
    dump_facts: Option<PathBuf>,

    /// Stop at the kernel's first instruction and wait for a debugger: `cargo landfall gdb` or
    /// `lldb` in another terminal
    #[arg(long, conflicts_with = "dump_facts")]
    gdb: bool,

    /// Audit the page tables at the kernel's main, and compare them with the plan of this boot. On
    /// the simulator they are audited at the end of the run. Findings and differences are a
    /// failure. With another format than text, stdout has the audit alone
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "text",
        conflicts_with = "gdb"
    )]
    audit: Option<AuditFormat>,

    /// A module that the kernel may load, for names of addresses in it; repeatable. Modules beside
    /// the kernel's ELF are found without this option
    #[arg(long = "module", value_name = "FILE.ko")]
    modules: Vec<PathBuf>,

    /// The format of the result
    #[arg(long, value_enum, default_value = "text")]
    format: RunFormat,

    /// End with success when a line of the console contains this text, of any kernel. A panic
    /// before it, and an end without it, are failures
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new(), conflicts_with = "gdb")]
    until: Option<String>,

    /// The time limit of the machine; with --gdb, up to the kernel's first instruction [default:
    /// 30; none for a user at the keyboard]
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    timeout: Option<Duration>,

    /// More arguments for QEMU; with `-icount shift=0` and one hart the report counts the
    /// instructions
    #[arg(last = true, value_name = "QEMU ARGS")]
    qemu: Vec<OsString>,
}

/// Returns true if a user has the keyboard: the arguments are not those of a script, and the kernel
/// is not one of `cargo test`'s.
fn keyboard(arguments: &RunArgs, kernel: &Selection) -> Keys {
    let limited = arguments.timeout.is_some() && !arguments.gdb;
    let scripted = limited || arguments.until.is_some() || arguments.format == RunFormat::Json;
    let tested = kernel.name.as_deref().is_some_and(is_test);
    if scripted || tested { Keys::Nobody } else { Keys::User }
}

/// Returns true if Cargo has built this file as a test. Tests are in a folder `deps`; programs and
/// examples are outside.
fn is_test(kernel: &str) -> bool {
    Path::new(kernel).parent().is_some_and(|folder| folder.ends_with("deps"))
}

/// Returns the selection of a second kernel. A package is in the workspace of the first one, and is
/// built with the same profile.
fn next_to(first: &Selection, image: String) -> Selection {
    let is_file = image.contains('/') || Path::new(&image).is_file();
    if is_file {
        return Selection { allow: first.allow.clone(), ..Selection::named(&image) };
    }
    Selection {
        name: Some(image),
        manifest_path: first.manifest_path.clone(),
        options: BuildOptions { profile: first.options.profile.clone(), features: Vec::new() },
        allow: first.allow.clone(),
        ..Selection::default()
    }
}

impl RunArgs {
    /// Returns the boot, on QEMU or on the simulator.
    pub(super) fn command(self) -> Result<RunCommand, Failure> {
        let is_document = self.audit.is_some_and(AuditFormat::is_document);
        if is_document && self.format == RunFormat::Json {
            return Err(Failure::usage(
                "--audit=json, svg or html conflicts with --format json: stdout has one of them alone; use --audit for the audit as the key `audit` of the report",
            ));
        }
        let audit = self.audit.unwrap_or_default();
        Ok(RunCommand { machine: self.machine()?, audit })
    }

    fn machine(self) -> Result<RunMachine, Failure> {
        let (simulator, seed) = (self.simulator.clone(), self.seed.clone());
        let Some(preset) = simulator.simulator else {
            simulator.check_absent()?;
            let seed = self.seed_on_qemu()?;
            return Ok(RunMachine::Qemu(Box::new(self.boot(seed))));
        };
        if self.timeout.is_some() {
            return Err(Failure::usage(
                "--timeout conflicts with --simulator; the limit of a simulated machine is in instructions, so that a run can be repeated; use --limit N",
            ));
        }
        let request = simulator.request(preset, seed.as_deref(), self.boot(None))?;
        Ok(RunMachine::Simulator(Box::new(request)))
    }

    /// Returns the seed in the device tree on QEMU.
    fn seed_on_qemu(&self) -> Result<Option<Seed>, Failure> {
        if self.seed.is_some() && self.chosen.no_kaslr {
            return Err(Failure::usage("--seed conflicts with --no-kaslr; remove one of them"));
        }
        let seed = self.seed.as_deref().map(str::parse::<Seed>).transpose();
        seed.map_err(|error| Failure::usage(error.to_string()))
    }

    fn boot(self, seed: Option<Seed>) -> BootRequest {
        let arguments = self;
        let kernel = arguments.kernel.clone().into();
        let keyboard = keyboard(&arguments, &kernel);
        let then = arguments.then.map(|image| NextKernel {
            kernel: next_to(&kernel, image),
            initrd: arguments.then_initrd,
            append: arguments.then_append,
        });
        BootRequest {
            kernel,
            firmware: arguments.firmware,
            board: arguments.board,
            mode: arguments.mode,
            at: arguments.at,
            memory: arguments.memory,
            harts: arguments.harts,
            randomness: arguments.chosen.randomness(seed),
            append: arguments.chosen.append,
            initrd: arguments.initrd,
            then,
            // The console must not be in the midst of the audit.
            format: if arguments.audit.is_some_and(AuditFormat::is_document) {
                RunFormat::Json
            } else {
                arguments.format
            },
            keyboard,
            timeout: arguments.timeout.unwrap_or(TIMEOUT),
            until: arguments.until,
            qemu: arguments.qemu,
            policy: PolicyArgument::changes(&arguments.policy),
            dump_facts: arguments.dump_facts,
            control: match (arguments.gdb, arguments.audit) {
                (true, _) => Control::Debugger,
                (false, Some(_)) => Control::Audit,
                (false, None) => Control::Nobody,
            },
            modules: arguments.modules,
        }
    }
}

#[cfg(test)]
mod tests;
