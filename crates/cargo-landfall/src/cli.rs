//! What a user may ask for.

use std::ffi::{OsStr, OsString};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::compare;
use crate::debug;
use crate::failure::Failure;
use crate::firmware::Firmware;
use crate::gdb::endpoint::Endpoint;
use crate::kernel::{Kernel, KernelFile};
use crate::machine::{Board, Harts, Mode};
use crate::policy::{self, Wish};
use crate::run::{self, Format};
use crate::test;
use crate::units::{Address, Seed, Size};
use crate::{build, new, output, plan, setup};

mod check_args;
mod chosen;
mod plan_args;

use check_args::CheckArgs;
use chosen::Chosen;
use plan_args::PlanArgs;

/// Build and boot RISC-V 64 kernels that land at any physical address, in any paging mode
#[derive(Debug, Parser)]
#[command(name = "cargo landfall", bin_name = "cargo landfall", version, arg_required_else_help = true)]
#[command(after_help = EXIT_STATUS)]
struct Cli {
    #[command(subcommand)]
    command: Subcommands,
}

const EXIT_STATUS: &str = "\
Exit status:
  0  success
  1  the kernel refused to land or would refuse, failed, or gave no verdict in time
  2  wrong usage, something missing on this computer, or input that cannot be read";

const RUN_EXAMPLES: &str = "\
Examples:
  cargo landfall run
  cargo landfall run --mode sv39 --at 0x9a345000 --memory 4G --harts 8
  cargo landfall run --seed 0123456789abcdef --format json
  cargo landfall run --policy placement=linear-map --policy stack=16K
  cargo landfall run --firmware u-boot --append 'a=b' --initrd some.file
  cargo landfall run --board sifive-u --harts 5
  cargo landfall run --gdb --append hold
  cargo landfall run --dump-facts boot.json && cargo landfall plan --facts boot.json
  cargo landfall run target/riscv64gc-unknown-none-elf/release/hello.bin -- -icount shift=0";

const BUILD_EXAMPLES: &str = "\
Examples:
  cargo landfall build
  cargo landfall build my-kernel --format disk --append 'a=b' --initrd some.file";

const GDB_EXAMPLES: &str = "\
Examples:
  cargo landfall run --gdb                  in one terminal, and in another:
  cargo landfall gdb
  cargo landfall gdb -- -ex 'break main' -ex continue
  cargo landfall gdb my-kernel --connect :1234";

const LLDB_EXAMPLES: &str = "\
Examples:
  cargo landfall run --gdb                  in one terminal, and in another:
  cargo landfall lldb
  cargo landfall lldb -- -o 'breakpoint set --name main' -o continue
  cargo landfall lldb my-kernel --connect :1234";

const TEST_EXAMPLES: &str = "\
Examples:
  cargo landfall test
  cargo landfall test --only refusal/R6
  cargo landfall test --matrix-seed 0123456789abcdef --only fresh/17/";

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Boot a kernel on QEMU and tell whether it landed
    ///
    /// What is missing is installed first: the Rust target through rustup, QEMU and OpenSBI through apt-get. The
    /// verdict is the kernel's own, on its console.
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunArgs),
    /// Predict the address space that a machine would get, before it boots
    ///
    /// By default the machine is the one that `run` would boot: its firmware runs up to the kernel's first instruction. With
    /// --dtb it is a board, by its device tree; with --facts it is a boot that was, as `run --dump-facts` wrote it down.
    #[command(after_help = plan_args::EXAMPLES)]
    Plan(Box<PlanArgs>),
    /// Build a kernel and print the paths of its ELF and its flat image, or make a disk that boots
    ///
    /// All are sealed: a checksum over header and tables, which the kernel checks before it trusts them. A relocation
    /// that landing cannot do stops the build.
    #[command(after_help = BUILD_EXAMPLES)]
    Build(BuildArgs),
    /// Debug a kernel by names, wherever it is and goes: attaches gdb to a machine that runs
    ///
    /// The machine is the one that `run --gdb` started, or any QEMU with a debugger's port. Where the kernel is is found in the
    /// machine, and symbols follow when it moves and lands. What is missing is installed first: gdb through apt-get.
    #[command(after_help = GDB_EXAMPLES)]
    Gdb(DebugArgs),
    /// Debug a kernel by names with LLDB, as `gdb` does with gdb
    ///
    /// LLDB 19 or newer, with Python; 22 is best. Where there is none, it is installed through apt-get.
    #[command(after_help = LLDB_EXAMPLES)]
    Lldb(DebugArgs),
    /// Verify a kernel's file before it boots: header, relocations, GOT, early code, memory, patched constants, policy
    ///
    /// FILE is an ELF or a flat image, of a landfall kernel or of another for 64-bit RISC-V, such as Linux's vmlinux and Image. What
    /// does not apply to it, or cannot be decided, is said. `build` and `run` check as well.
    #[command(after_help = check_args::HELP)]
    Check(CheckArgs),
    /// Make a new kernel: it lands, tests itself in QEMU, and has no warnings
    ///
    /// Cargo makes the package; with it come a `main`, a test kernel, and the lines by which `cargo run` and `cargo test` boot them.
    #[command(after_help = "Examples:\n  cargo landfall new my-kernel && cd my-kernel && cargo run")]
    New {
        /// Where: a folder that does not exist yet. The kernel is named like it
        #[arg(value_name = "NAME")]
        path: PathBuf,
    },
    /// Prove what the project claims: host tests, then a matrix of boots
    ///
    /// Half of the random landings are the same every time; the other half come from a fresh seed, which is printed. Each
    /// failure says how to repeat it. The last line on stdout counts: `N passed, M failed`.
    #[command(after_help = TEST_EXAMPLES)]
    Test(TestArgs),
    /// Compare designs: code models, conversions of addresses, the mode chosen at run time
    ///
    /// Builds and boots kernels that measure, one hart under QEMU's `-icount`, and prints a table for each comparison. Every
    /// result that is measured is also checked.
    #[command(
        after_help = "Examples:\n  cargo landfall compare\n  cargo landfall compare conversions --format json"
    )]
    Compare(CompareArgs),
}

#[derive(Debug, Args)]
struct RunArgs {
    /// A package of the workspace, or the path of an ELF or flat image, which is used as it is
    #[arg(default_value = "hello")]
    kernel: String,

    /// What boots it: `opensbi`, where QEMU puts the kernel into memory; `u-boot` or `uefi`, which load it from a disk; or a file in
    /// the place of OpenSBI. What is missing is fetched from Debian's archive
    #[arg(long, value_name = "NAME|FILE", default_value = "opensbi")]
    firmware: Firmware,

    /// The board
    #[arg(long, value_enum, default_value = "virt")]
    board: Board,

    /// The largest paging mode that the machine offers [default: all that QEMU has]
    #[arg(long, value_enum)]
    mode: Option<Mode>,

    /// Put the image at this physical address, such as 0x84201000; whether it can land there is for the kernel to say
    /// [default: 0x80200000]
    #[arg(long, value_name = "ADDR")]
    at: Option<Address>,

    /// The machine's RAM, with K, M, G or T; what the kernel does not touch costs the host nothing
    #[arg(long, value_name = "SIZE", default_value = "1G", value_parser = parse_memory)]
    memory: Size,

    /// How many harts the machine has
    #[arg(long, value_name = "N", default_value = "1")]
    harts: Harts,

    #[command(flatten)]
    chosen: Chosen,

    /// An initial RAM disk for the kernel
    #[arg(long, value_name = "FILE")]
    initrd: Option<PathBuf>,

    /// Change the kernel's policy for this boot; may be given several times, `--policy help` tells of the keys
    #[arg(long, value_name = "KEY=VALUE")]
    policy: Vec<Wish>,

    /// Write what the boot started from, seeds included, to this file, for `plan --facts`
    #[arg(long, value_name = "FILE")]
    dump_facts: Option<PathBuf>,

    /// Stop at the kernel's first instruction, and leave the machine to a debugger: `cargo landfall gdb` or `lldb` in another
    /// terminal
    #[arg(long, conflicts_with = "dump_facts")]
    gdb: bool,

    /// How the result is told
    #[arg(long, value_enum, default_value = "text")]
    format: Format,

    /// How long to wait for a verdict; with --gdb, for the kernel's first instruction
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    timeout: NonZeroU32,

    /// More arguments for QEMU; with `-icount shift=0` and one hart the report counts the instructions
    #[arg(last = true, value_name = "QEMU ARGS")]
    qemu: Vec<OsString>,
}

#[derive(Debug, Args)]
struct DebugArgs {
    /// The kernel that the machine runs: a package of the workspace, or the path of an ELF [default: the one that `run --gdb`
    /// started, else hello]
    kernel: Option<String>,

    /// Where the machine's debugger listens: HOST:PORT, :1234 for QEMU's -s, or the path of a socket [default: the machine that waits]
    #[arg(long, value_name = "WHERE")]
    connect: Option<Endpoint>,

    /// More arguments for the debugger
    #[arg(last = true, value_name = "ARGS")]
    arguments: Vec<OsString>,
}

impl DebugArgs {
    fn options(self, debugger: setup::Debugger) -> debug::Options {
        let Self { kernel, connect, arguments } = self;
        debug::Options { debugger, kernel, connect, arguments }
    }
}

#[derive(Debug, Args)]
struct BuildArgs {
    /// A package of the workspace
    #[arg(default_value = "hello")]
    kernel: String,

    /// The one file that is wanted, of which alone the path is printed
    #[arg(long, value_enum)]
    format: Option<build::Format>,

    /// The command line that a disk hands to the kernel
    #[arg(long, value_name = "CMDLINE", allow_hyphen_values = true)]
    append: Option<String>,

    /// An initial RAM disk, for a disk
    #[arg(long, value_name = "FILE")]
    initrd: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct TestArgs {
    /// Thousands of boots instead of ten minutes of them
    #[arg(long)]
    soak: bool,

    /// 16 hex digits that choose the fresh batch, as an earlier run printed them
    #[arg(long, value_name = "HEX")]
    matrix_seed: Option<Seed>,

    /// Only boots whose name contains this, and no host tests
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
}

#[derive(Debug, Args)]
struct CompareArgs {
    /// What to compare [default: everything]
    #[arg(value_enum)]
    comparison: Option<compare::Comparison>,

    /// How the result is told
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// QEMU's RAM comes in steps of 8 KiB.
fn parse_memory(text: &str) -> Result<Size, String> {
    let size: Size = text.parse().map_err(|error| format!("{error}"))?;
    match size.0 {
        0 => Err("a machine has some memory".to_owned()),
        bytes if !bytes.is_multiple_of(8192) => {
            Err(format!("{size} is no multiple of 8 KiB, as QEMU's RAM must be"))
        }
        _ => Ok(size),
    }
}

/// Does what the command line says. Cargo calls a subcommand with the subcommand's name first; that is passed over.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments = arguments.into_iter();
    let program = arguments.next();
    let mut arguments = arguments.peekable();
    arguments.next_if(|first| first == "landfall");
    let name = own_name(program.as_deref());
    let matches =
        Cli::command().name(name).bin_name(name).try_get_matches_from(program.into_iter().chain(arguments));
    match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => match cli.command.run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                output::error(&failure);
                failure.exit_code()
            }
        },
        Err(error) => {
            // Help goes to stdout with 0, a mistake to stderr with 2. A reader that has gone away is no mistake.
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
    }
}

/// How a user calls us: `landfall` is installed beside `cargo-landfall`, for those who have no Cargo.
fn own_name(program: Option<&OsStr>) -> &'static str {
    match program.and_then(|program| Path::new(program).file_stem()) {
        Some(stem) if stem == "landfall" => "landfall",
        _ => "cargo landfall",
    }
}

impl Subcommands {
    fn policy(&self) -> &[Wish] {
        match self {
            Self::Run(arguments) => &arguments.policy,
            Self::Plan(arguments) => arguments.policy(),
            Self::New { .. }
            | Self::Build(_)
            | Self::Check(_)
            | Self::Gdb(_)
            | Self::Lldb(_)
            | Self::Test(_)
            | Self::Compare(_) => &[],
        }
    }

    fn run(self) -> Result<(), Failure> {
        if self.policy().contains(&Wish::Help) {
            output::result(format_args!("--policy takes KEY=VALUE:{}", policy::keys()));
            return Ok(());
        }
        match self {
            Self::Run(arguments) => run::run(&arguments.into()),
            Self::Plan(arguments) => plan::run(&arguments.options()?),
            Self::Gdb(arguments) => match debug::run(&arguments.options(setup::Debugger::Gdb))? {},
            Self::Lldb(arguments) => match debug::run(&arguments.options(setup::Debugger::Lldb))? {},
            Self::New { path } => Ok(new::run(&path)?),
            Self::Build(arguments) => build_kernel(&arguments),
            Self::Check(arguments) => arguments.run(),
            Self::Test(arguments) => {
                let extent = if arguments.soak { test::Extent::Soak } else { test::Extent::Normal };
                test::run(&test::Options { extent, seed: arguments.matrix_seed, only: arguments.only })
            }
            Self::Compare(CompareArgs { comparison, format }) => {
                compare::run(&compare::Options { comparison, format })
            }
        }
    }
}

fn build_kernel(arguments: &BuildArgs) -> Result<(), Failure> {
    if arguments.format != Some(build::Format::Disk)
        && (arguments.append.is_some() || arguments.initrd.is_some())
    {
        let message = "--append and --initrd go onto a disk: add --format disk".to_owned();
        return Err(Failure::Usage { message });
    }
    match Kernel::find(&arguments.kernel)? {
        Kernel::Package(package) => {
            setup::rust_target()?;
            let built = build::package(&package)?;
            match arguments.format {
                None => {
                    output::result(built.elf.display());
                    output::result(built.flat.display());
                }
                Some(build::Format::Elf) => output::result(built.elf.display()),
                Some(build::Format::Image) => output::result(built.flat.display()),
                Some(build::Format::Disk) => {
                    let line = arguments.append.as_deref().unwrap_or_default();
                    output::result(built.disk(line, arguments.initrd.as_deref())?.display());
                }
            }
            Ok(())
        }
        Kernel::File(KernelFile::Elf(path) | KernelFile::Flat(path)) => {
            Err(crate::kernel::KernelError::Built { path }.into())
        }
    }
}

impl From<RunArgs> for run::Options {
    fn from(arguments: RunArgs) -> Self {
        Self {
            kernel: arguments.kernel,
            firmware: arguments.firmware,
            board: arguments.board,
            mode: arguments.mode,
            at: arguments.at,
            memory: arguments.memory,
            harts: arguments.harts,
            randomness: arguments.chosen.randomness(),
            append: arguments.chosen.append,
            initrd: arguments.initrd,
            format: arguments.format,
            timeout: Duration::from_secs(arguments.timeout.get().into()),
            qemu: arguments.qemu,
            policy: Wish::changes(&arguments.policy),
            dump_facts: arguments.dump_facts,
            control: if arguments.gdb { run::Control::Debugger } else { run::Control::Nobody },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Randomness;

    fn parse(line: &str) -> Result<run::Options, i32> {
        match Cli::try_parse_from(format!("landfall run {line}").split_whitespace()) {
            Ok(Cli { command: Subcommands::Run(arguments) }) => Ok(arguments.into()),
            Ok(_) => panic!("`run` is another command now"),
            Err(error) => Err(error.exit_code()),
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn hello_boots_by_default() {
        let options = parse("").expect("no arguments are right");
        assert_eq!(
            (options.kernel.as_str(), options.memory, options.harts.get()),
            ("hello", Size::gib(1), 1)
        );
        assert_eq!((options.randomness, options.format), (Randomness::Fresh, Format::Text));
    }

    #[test]
    fn every_option_arrives() {
        let options = parse(
            "k --firmware u-boot --board spike --initrd i --mode sv48 --at 0x80201000 --memory 64M --harts 4 --no-kaslr --append -x --format json --timeout 5 -- -icount shift=0",
        );
        let options = options.expect("all of these are right");
        assert_eq!((options.mode, options.at), (Some(Mode::Sv48), Some(Address(0x8020_1000))));
        assert_eq!((options.randomness, options.append.as_deref()), (Randomness::Off, Some("-x")));
        assert_eq!((options.firmware, options.board), (Firmware::UBoot, Board::Spike));
        assert_eq!(options.initrd.as_deref(), Some(Path::new("i")));
        assert_eq!((options.timeout, options.qemu.len()), (Duration::from_secs(5), 2));
    }

    #[test]
    fn only_a_disk_takes_what_a_loader_hands_over() {
        let build = |line: &str| match Cli::try_parse_from(line.split_whitespace()).map(|cli| cli.command) {
            Ok(Subcommands::Build(arguments)) => arguments,
            _ => panic!("\"{line}\" is another command now"),
        };
        let disk = build("landfall build k --format disk --append -a --initrd i");
        assert_eq!(disk.format, Some(build::Format::Disk));
        assert_eq!((disk.append.as_deref(), disk.initrd.as_deref()), (Some("-a"), Some(Path::new("i"))));
        for line in ["--append a", "--initrd i", "--format image --append a", "--format elf --initrd i"] {
            let mistake = build_kernel(&build(&format!("landfall build k {line}")));
            assert!(matches!(mistake, Err(Failure::Usage { .. })), "{line}");
        }
        assert!(Cli::try_parse_from("landfall build --format iso".split_whitespace()).is_err());
    }

    #[test]
    fn a_debugger_has_the_machine_only_where_it_is_asked_for() {
        let control = |line| parse(line).map(|options| options.control);
        assert_eq!(control(""), Ok(run::Control::Nobody));
        assert_eq!(control("--gdb --harts 2"), Ok(run::Control::Debugger));
    }

    #[test]
    fn all_is_compared_unless_one_is_named() {
        let parse = |line: &str| match Cli::try_parse_from(line.split_whitespace()).map(|cli| cli.command) {
            Ok(Subcommands::Compare(CompareArgs { comparison, format })) => Ok((comparison, format)),
            Ok(_) => panic!("`compare` is another command now"),
            Err(error) => Err(error.exit_code()),
        };
        assert_eq!(parse("landfall compare"), Ok((None, Format::Text)));
        for comparison in compare::Comparison::ALL {
            let line = format!("landfall compare {} --format json", comparison.name());
            assert_eq!(parse(&line), Ok((Some(comparison), Format::Json)));
        }
        assert_eq!(parse("landfall compare everything"), Err(2));
    }

    #[test]
    fn mistakes_are_usage_errors() {
        for line in [
            "--mode sv32",
            "--at here",
            "--memory 0",
            "--memory 4097",
            "--harts 0",
            "--harts -1",
            "--harts 99999999999",
            "--seed 1",
            "--seed 0123456789abcdef --no-kaslr",
            "--timeout 0",
            "--format xml",
            "--firmware",
            "--board sun",
            "--gdb --dump-facts f",
            "--dump-facts",
            "--policy x",
            "--policy stack=5K",
            "a b",
        ] {
            assert_eq!(parse(line).err(), Some(2), "{line}");
        }
    }
}
