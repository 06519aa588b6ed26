//! The arguments of `run`.

use std::ffi::OsString;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::kernel_args::ProfiledArgs;
use super::simulator_args::SimulatorArgs;
use crate::failure::Failure;
use crate::run::RunCommand;
use landfall_host::firmware::Firmware;
use landfall_host::kernel::{BuildOptions, Selection};
use landfall_host::machine::{Board, Harts, Mode};
use landfall_host::request::{BootRequest, Control, Keys, NextKernel, RunFormat};
use landfall_predict::Randomness;
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

    /// Disable randomization: adds the word `nokaslr` to the command line
    #[arg(long)]
    no_kaslr: bool,

    /// The kernel's command line
    #[arg(long, value_name = "CMDLINE", allow_hyphen_values = true)]
    append: Option<String>,

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
    timeout: Option<NonZeroU32>,

    /// More arguments for QEMU; with `-icount shift=0` and one hart the report counts the
    /// instructions
    #[arg(last = true, value_name = "QEMU ARGS")]
    qemu: Vec<OsString>,
}

/// Parses a size of RAM. QEMU requires a multiple of 8 KiB.
pub(super) fn parse_memory(text: &str) -> Result<Size, String> {
    let size: Size = text.parse().map_err(|error| format!("{error}"))?;
    match size.0 {
        0 => Err("a machine needs memory; write a size such as 1G".to_owned()),
        bytes if !bytes.is_multiple_of(8192) => {
            Err(format!("{size} is not a multiple of 8 KiB, which QEMU's RAM must be; round it"))
        }
        _ => Ok(size),
    }
}

pub(super) fn parse_harts(text: &str) -> Result<Harts, String> {
    text.parse().map_err(|_| format!("write a number of harts from 1 to {}, such as 4", u32::MAX))
}

pub(super) fn parse_seconds(text: &str) -> Result<NonZeroU32, String> {
    text.parse().map_err(|_| format!("write whole seconds, from 1 to {}, such as 30", u32::MAX))
}

/// The time limit of a machine that no user ends, in seconds.
pub(super) const TIMEOUT: u32 = 30;

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

/// Returns the source of random numbers on QEMU.
fn randomness(seed: Option<&str>, no_kaslr: Seeds) -> Result<Randomness, Failure> {
    match (seed, no_kaslr) {
        (Some(_), Seeds::Off) => {
            Err(Failure::Usage { message: "--seed conflicts with --no-kaslr; remove one of them".to_owned() })
        }
        (Some(seed), Seeds::On) => match seed.parse::<Seed>() {
            Ok(seed) => Ok(Randomness::Seed(seed)),
            Err(error) => Err(Failure::Usage { message: error.to_string() }),
        },
        (None, Seeds::Off) => Ok(Randomness::Off),
        (None, Seeds::On) => Ok(Randomness::Fresh),
    }
}

/// The seeds that the kernel uses.
#[derive(Clone, Copy, Debug)]
enum Seeds {
    On,
    Off,
}

impl RunArgs {
    /// Returns the boot, on QEMU or on the simulator.
    pub(super) fn command(self) -> Result<RunCommand, Failure> {
        let (simulator, seed, timeout) = (self.simulator.clone(), self.seed.clone(), self.timeout);
        let seeds = if self.no_kaslr { Seeds::Off } else { Seeds::On };
        let Some(preset) = simulator.simulator else {
            simulator.check_absent()?;
            let randomness = randomness(seed.as_deref(), seeds)?;
            return Ok(RunCommand::Qemu(Box::new(self.boot(randomness))));
        };
        if timeout.is_some() {
            let message = "--timeout conflicts with --simulator; the limit of a simulated machine is in instructions, so that a run can be repeated; use --limit N";
            return Err(Failure::Usage { message: message.to_owned() });
        }
        let boot = self.boot(randomness(None, seeds)?);
        Ok(RunCommand::Simulator(Box::new(simulator.request(preset, seed.as_deref(), boot)?)))
    }

    fn boot(self, randomness: Randomness) -> BootRequest {
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
            randomness,
            append: arguments.append,
            initrd: arguments.initrd,
            then,
            format: arguments.format,
            keyboard,
            timeout: Duration::from_secs(arguments.timeout.map_or(TIMEOUT, NonZeroU32::get).into()),
            until: arguments.until,
            qemu: arguments.qemu,
            policy: PolicyArgument::changes(&arguments.policy),
            dump_facts: arguments.dump_facts,
            control: if arguments.gdb { Control::Debugger } else { Control::Nobody },
            modules: arguments.modules,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{Cli, Subcommands};
    use super::*;
    use landfall_host::run::RunError;

    fn parse(line: &str) -> Result<BootRequest, i32> {
        match Cli::try_parse_from(format!("landfall run {line}").split_whitespace()) {
            Ok(Cli { command: Subcommands::Run(arguments) }) => match arguments.command() {
                Ok(RunCommand::Qemu(request)) => Ok(*request),
                Ok(RunCommand::Simulator(request)) => Ok(request.boot),
                Err(error) => Err(crate::exit_status::of(&error).into()),
            },
            Ok(_) => panic!("`run` is another command now"),
            Err(error) => Err(error.exit_code()),
        }
    }

    #[test]
    fn the_kernel_of_the_directory_boots_by_default() {
        let options = parse("").expect("no arguments are right");
        assert!(options.kernel.is_default());
        assert_eq!((options.memory, options.harts.get()), (Size::gib(1), 1));
        assert_eq!((options.randomness, options.format), (Randomness::Fresh, RunFormat::Text));
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
        assert_eq!(options.kernel, Selection::named("k"));
    }

    #[test]
    fn a_second_kernel_is_a_file_or_a_package_of_the_same_workspace() {
        let then = |line| parse(line).expect("right").then.expect("a second kernel");
        let package =
            then("--manifest-path d/Cargo.toml --profile dev --then hello --then-initrd i --then-append -x");
        assert_eq!(package.kernel.name.as_deref(), Some("hello"));
        assert_eq!(package.kernel.manifest_path.as_deref(), Some(Path::new("d/Cargo.toml")));
        assert_eq!(package.kernel.options.profile.as_deref(), Some("dev"));
        assert_eq!(
            (package.initrd.as_deref(), package.append.as_deref()),
            (Some(Path::new("i")), Some("-x"))
        );
        let file = then("--manifest-path d/Cargo.toml --then ./hello.bin");
        assert_eq!(file.kernel, Selection::named("./hello.bin"));
        assert_eq!(parse("").expect("right").then, None);
    }

    #[test]
    fn a_user_has_the_keyboard_unless_a_script_asks() {
        let keyboard = |line| parse(line).map(|options| options.keyboard);
        for line in ["", "k", "--gdb", "--gdb --timeout 5", "target/release/k", "target/release/examples/k"] {
            assert_eq!(keyboard(line), Ok(Keys::User), "{line}");
        }
        for line in ["--timeout 5", "--until x", "--format json", "target/debug/deps/boot-0123456789abcdef"] {
            assert_eq!(keyboard(line), Ok(Keys::Nobody), "{line}");
        }
        let options = parse("--until x").expect("right");
        assert_eq!((options.until.as_deref(), options.timeout), (Some("x"), Duration::from_secs(30)));
    }

    #[test]
    fn a_debugger_has_the_machine_only_where_it_is_asked_for() {
        let control = |line| parse(line).map(|options| options.control);
        assert_eq!(control(""), Ok(Control::Nobody));
        assert_eq!(control("--gdb --harts 2"), Ok(Control::Debugger));
    }

    #[test]
    fn what_does_not_go_together_is_said_before_qemu_starts() {
        let check = |line| {
            landfall_host::run::check(&parse(line).expect("options")).map_err(|error| error.to_string())
        };
        for line in ["--board icicle --harts 5", "--board icicle --memory 1537M", "--board icicle -- -dtb f"]
        {
            let error = check(line).expect_err(line);
            assert!(error.contains("--memory 1537M") && error.contains("-dtb FILE"), "{error}");
        }
        check("--board icicle --memory 1537M -- -dtb f").expect("all of it");
        assert!(check("--at 0x80201000 --firmware uefi").is_err());
    }

    #[test]
    fn a_file_that_cannot_be_is_noticed_before_anything_is_built() {
        let request = parse("no-such-kernel --dump-facts /nonexistent/x").expect("a path");
        let mistake = crate::run::run(&RunCommand::Qemu(Box::new(request)));
        let mistake = mistake.expect_err("no such folder");
        assert!(matches!(mistake, Failure::Run(RunError::FactsNotWritten(_))), "{mistake}");
    }

    #[test]
    fn a_number_that_cannot_be_is_told_in_our_words() {
        for (line, words) in [
            ("--memory 0", "a machine needs memory; write a size such as 1G"),
            ("--harts 0", "from 1 to 4294967295"),
            ("--harts x", "from 1 to 4294967295"),
            ("--harts 4294967296", "from 1 to 4294967295"),
            ("--timeout 0", "whole seconds"),
        ] {
            for command in ["run", "plan"] {
                let line = format!("landfall {command} {line}");
                let error = Cli::try_parse_from(line.split_whitespace()).expect_err("a mistake");
                assert!(error.to_string().contains(words), "{line}: {error}");
            }
        }
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
            "--until",
            "--until= ",
            "--until x --gdb",
            "--format xml",
            "--firmware",
            "--board sun",
            "--gdb --dump-facts f",
            "--dump-facts",
            "--then",
            "--then-initrd f",
            "--then-append x",
            "--policy x",
            "--policy stack=5K",
            "a b",
        ] {
            assert_eq!(parse(line).err(), Some(2), "{line}");
        }
    }
}
