//! The subcommands.

use clap::{CommandFactory, Subcommand};

use super::Cli;
use super::audit_args::{self, AuditArgs};
use super::board_args::{self, BoardArgs};
use super::build_args::{self, BuildArgs};
use super::check_args::{self, CheckArgs};
use super::completions::{self, CompletionsArgs};
use super::debug_args::{self, DebugArgs};
use super::image_args::{self, DiskArgs, ImageArgs, SealArgs};
use super::install_args::InstallArgs;
use super::library_args::{self, LibraryArgs};
use super::link_args::{self, LinkArgs};
use super::new_args::{self, NewArgs};
use super::plan_args::{self, PlanArgs};
use super::program::Program;
use super::run_args::{self, RunArgs};
use super::symbolize_args::{self, SymbolizeArgs};
use super::test_args::{self, TestArgs};
use super::wrap_args::{self, WrapArgs};
use crate::failure::Failure;
use crate::{board, plan, run, test};
use landfall_host::{debug, output, setup, simulator};
use landfall_predict::policy::{self, PolicyArgument};

#[derive(Debug, Subcommand)]
pub(super) enum Subcommands {
    /// Boot a kernel on QEMU, and run it until it ends
    ///
    /// If stdin is a terminal, its keys go to the kernel, and the machine runs until the kernel
    /// ends or you press Ctrl-C. Otherwise, and with --until, --timeout or --format json, the
    /// machine has a time limit.
    ///
    /// The verdict is the kernel's own, on its console: success is a landing and an end without a
    /// panic.
    ///
    /// Missing tools are installed first, after a question on a terminal: the Rust target through
    /// rustup, QEMU and OpenSBI through apt-get.
    #[command(after_help = run_args::EXAMPLES)]
    Run(Box<RunArgs>),
    /// Test a kernel on many machines: any address, each mode, harts, RAM, seeds, firmware
    ///
    /// Boots KERNEL at random addresses, in every mode, with several numbers of harts and sizes of
    /// RAM, through OpenSBI, U-Boot and UEFI.
    ///
    /// Each landing of a landfall kernel is judged from outside: W^X across aliases, guards, memory
    /// that must not be mapped, slots, and the plan. The result has a line per axis, and for each
    /// failure the commands that repeat it.
    #[command(after_help = test_args::HELP)]
    Test(Box<TestArgs>),
    /// Predict the address space of a machine before it boots
    ///
    /// By default the machine is the one that `run` boots: its firmware runs up to the kernel's
    /// first instruction. With --dtb it is a board, by its device tree. With --facts it is an
    /// earlier boot, as `run --dump-facts` recorded it.
    #[command(after_help = plan_args::EXAMPLES)]
    Plan(Box<PlanArgs>),
    /// Boot a kernel on a board: make its SD card and instructions, read its serial console, and
    /// compare the landing with its prediction
    ///
    /// The board is the one whose device tree --dtb names. With --out the command writes a disk,
    /// the flat image, the prediction and the steps for this board. U-Boot's menu on the disk
    /// passes the command line of --append. With --serial or --log it reads the console, compares
    /// report and prediction, and prints a result to paste into an issue.
    #[command(after_help = board_args::EXAMPLES)]
    Board(Box<BoardArgs>),
    /// Build a kernel and print the paths of its ELF and its flat image
    ///
    /// Both are sealed with a checksum over header and tables, which the kernel checks before it
    /// uses them. A relocation that the landing cannot apply is an error.
    ///
    /// With --module it builds a module that a kernel loads while it runs, checks it, and prints
    /// the path of its file NAME.ko.
    #[command(after_help = build_args::EXAMPLES)]
    Build(BuildArgs),
    /// Write linker scripts, and print the linker's arguments for another build system
    ///
    /// The arguments link a static library or objects as a kernel. `seal` finishes the ELF.
    #[command(after_help = link_args::HELP)]
    LinkArgs(LinkArgs),
    /// Finish an ELF that another build system linked: pack its relocations, check it, seal it
    ///
    /// Packs the relocations that GNU's linker wrote as RELA, and checks the result as `build`
    /// does. Then it writes the sealed ELF and the sealed flat image, and prints their paths.
    #[command(after_help = image_args::SEAL_HELP)]
    Seal(SealArgs),
    /// Write the flat image of a kernel, which boot loaders take, and print its path
    ///
    /// An ELF of any build system is packed, checked and sealed first, as `seal` does. The ELF
    /// stays unchanged.
    #[command(after_help = image_args::IMAGE_HELP)]
    Image(ImageArgs),
    /// Write a disk that boots a kernel through UEFI and U-Boot, and print its path
    ///
    /// The disk has a GUID partition table and one FAT32 partition. Command line and initrd reach
    /// the kernel by U-Boot's menu alone.
    #[command(after_help = image_args::DISK_HELP)]
    Disk(DiskArgs),
    /// Debug a kernel by names at any address: attach gdb to a running machine
    ///
    /// The machine is the one that `run --gdb` started, or any QEMU with a debugger's port. The
    /// kernel's address is read from the machine, and symbols follow when it moves and lands. A
    /// missing gdb is installed first, through apt-get.
    #[command(after_help = debug_args::GDB_EXAMPLES)]
    Gdb(DebugArgs),
    /// Debug a kernel by names with LLDB, as with `gdb`
    ///
    /// This requires LLDB 19 or newer, with Python; 22 is best. A missing LLDB is installed first,
    /// through apt-get.
    #[command(after_help = debug_args::LLDB_EXAMPLES)]
    Lldb(DebugArgs),
    /// Name the addresses in a saved log: function and line, also under KASLR
    ///
    /// Copies the log from stdin to stdout, with the name of each address of code below its line.
    /// `run` does the same. An address counts if code was linked there, or runs there by an earlier
    /// report in the log.
    #[command(after_help = symbolize_args::EXAMPLES)]
    Symbolize(SymbolizeArgs),
    /// Verify a kernel's file before it boots: header, relocations, GOT, early code, memory,
    /// patched constants, policy
    ///
    /// KERNEL is a package, an ELF, a flat image or a module (FILE.ko). It can be any kernel for
    /// 64-bit RISC-V, such as Linux's vmlinux and Image. Checks that do not apply or cannot be
    /// decided are reported. `build` and `run` also check.
    #[command(after_help = check_args::HELP)]
    Check(CheckArgs),
    /// Audit the page tables of a machine: everything that is mapped, and what is wrong with it
    ///
    /// The kernel can be any for 64-bit RISC-V. A QEMU that runs is stopped, read, and resumed; the
    /// pause is reported. The result has the regions of each root with their leaves, permissions
    /// and splits, frames with several addresses, and findings with codes.
    #[command(after_help = audit_args::HELP)]
    Audit(Box<AuditArgs>),
    /// Create a new kernel in Rust or C, which lands and is tested in QEMU
    ///
    /// In Rust, Cargo creates the package. It contains a `main`, a test kernel, and the settings by
    /// which `cargo run` and `cargo test` boot them. In C the folder contains a `main`, a Makefile
    /// with `run` and `test`, and the library: it needs nothing else of the checkout.
    #[command(after_help = new_args::EXAMPLES)]
    New(NewArgs),
    /// Write the library for kernels in C, its headers and rules for Make into a folder
    ///
    /// The library is built from the checkout, of which the folder needs nothing else. The folder
    /// is new, empty, or has an earlier library, which is replaced.
    #[command(after_help = library_args::EXAMPLES)]
    Library(LibraryArgs),
    /// Put a kernel that knows nothing of landfall behind a landing
    ///
    /// KERNEL is the ELF of a 64-bit RISC-V kernel: a static PIE, or linked at a fixed address in
    /// the upper half. The result boots as every landfall kernel does. It puts KERNEL at random
    /// addresses, maps it by its program headers, and starts it.
    #[command(after_help = wrap_args::HELP)]
    Wrap(WrapArgs),
    /// Print a script by which a shell completes this command
    #[command(after_help = completions::HELP)]
    Completions(CompletionsArgs),
}

impl Subcommands {
    /// Returns the list that a user asks for by the value `help` of an option.
    fn list(&self) -> Option<String> {
        let policy = match self {
            Self::Run(arguments) if arguments.simulator.asks_for_help() => {
                return Some(format!("--liberties and --without take names:{}", simulator::list()));
            }
            Self::Run(arguments) => &arguments.policy,
            Self::Plan(arguments) => &arguments.policy,
            Self::Wrap(arguments) => &arguments.policy,
            _ => return None,
        };
        let is_asked = policy.contains(&PolicyArgument::Help);
        is_asked.then(|| format!("--policy takes KEY=VALUE:{}", policy::keys()))
    }

    fn install(&self) -> InstallArgs {
        match self {
            Self::Run(arguments) => arguments.kernel.kernel.install,
            Self::Test(arguments) => arguments.kernel.kernel.install,
            Self::Symbolize(arguments) => arguments.kernel.kernel.install,
            Self::Plan(arguments) => arguments.kernel.kernel.install,
            Self::Board(arguments) => arguments.kernel.kernel.install,
            Self::Build(arguments) => arguments.kernel.kernel.install,
            Self::Image(arguments) => arguments.kernel.kernel.install,
            Self::Disk(arguments) => arguments.kernel.kernel.install,
            Self::Check(arguments) => arguments.kernel.install,
            Self::Gdb(arguments) | Self::Lldb(arguments) => arguments.kernel.kernel.install,
            Self::New(arguments) => arguments.install,
            Self::Library(arguments) => arguments.install,
            Self::Wrap(arguments) => arguments.install,
            Self::Audit(_) | Self::Completions(_) | Self::LinkArgs(_) | Self::Seal(_) => {
                InstallArgs::default()
            }
        }
    }

    pub(super) fn run(self, program: Program) -> Result<(), Failure> {
        if let Some(list) = self.list() {
            output::result(list);
            return Ok(());
        }
        setup::decide(self.install().consent());
        match self {
            Self::Run(arguments) => run::run(&arguments.command()?),
            Self::Test(arguments) => test::run(&(*arguments).into()),
            Self::Symbolize(arguments) => arguments.run(),
            Self::Plan(arguments) => plan::run(&arguments.command()?),
            Self::Board(arguments) => board::run(&arguments.command()),
            Self::Gdb(arguments) | Self::Lldb(arguments) if arguments.script => {
                output::raw(debug::vmmap::script()?.as_bytes());
                Ok(())
            }
            Self::Gdb(arguments) => match debug::run(&arguments.request(setup::Debugger::Gdb))? {},
            Self::Lldb(arguments) => match debug::run(&arguments.request(setup::Debugger::Lldb))? {},
            Self::New(arguments) => arguments.run(),
            Self::Library(arguments) => arguments.run(),
            Self::Wrap(arguments) => arguments.run(),
            Self::Build(arguments) => arguments.run(),
            Self::LinkArgs(arguments) => arguments.run(),
            Self::Seal(arguments) => arguments.run(),
            Self::Image(arguments) => arguments.run(),
            Self::Disk(arguments) => arguments.run(),
            Self::Check(arguments) => arguments.run(),
            Self::Audit(arguments) => arguments.run(),
            Self::Completions(arguments) => {
                output::raw(arguments.script(Cli::command(), program).as_bytes());
                Ok(())
            }
        }
    }
}
