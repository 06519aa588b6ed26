//! The arguments of `test`.

use std::ffi::OsString;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::kernel_args::ProfiledArgs;
use super::values::{parse_harts, parse_memory, parse_seconds};
use crate::test::TestCommand;
use landfall_host::firmware::Firmware;
use landfall_host::machine::{Harts, Mode};
use landfall_host::request::TIMEOUT;
use landfall_host::trial::{Axes, Simulated, TestFormat, TrialRequest};
use landfall_predict::units::{Seed, Size};

pub(super) const HELP: &str = "\
Each boot has a name, such as mode/sv39 or address/2. All that is drawn follows from one seed, which the first line states.

A landfall kernel passes if it lands and ends with success, as `run` has it, and if its landing is right: tables, slots, and \
the plan. A kernel that runs on after its landing needs --until. Any other kernel needs --until, and is judged by what \
its file permits; its access rights are reported.

In a checkout of Landfall, `cargo test` runs the project's own tests.

Examples:
  cargo landfall test
  cargo landfall test my-shell --until 'login: ' --harts 8
  cargo landfall test --mode sv39 --memory 256M,2G --firmware opensbi
  cargo landfall test --seed 0123456789abcdef --only address/2
  cargo landfall test --simulator 1000 --only simulator
  cargo landfall test --soak 8h --format junit > landings.xml
  cargo landfall test arch/riscv/boot/Image --initrd initrd.gz --until 'login:' --timeout 300";

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    #[command(flatten)]
    pub(super) kernel: ProfiledArgs,

    /// The paging modes that machines offer, the largest of each [default: sv39,sv48,sv57]
    #[arg(long, value_enum, value_delimiter = ',', help_heading = AXES)]
    mode: Vec<Mode>,

    /// The number of random addresses [default: 4]
    #[arg(long, value_name = "N", value_parser = parse_count, help_heading = AXES)]
    addresses: Option<NonZeroU32>,

    /// The most harts; fewer are powers of two [default: 4]
    #[arg(long, value_name = "N", value_parser = parse_virt_harts, help_heading = AXES)]
    harts: Option<Harts>,

    /// Sizes of RAM [default: 128M,4G,16G]
    #[arg(long, value_name = "SIZE", value_parser = parse_memory, value_delimiter = ',', help_heading = AXES)]
    memory: Vec<Size>,

    /// Firmware and boot loaders, as `run --firmware` takes them [default: opensbi,u-boot,uefi]
    #[arg(long, value_name = "NAME|FILE", value_delimiter = ',', help_heading = AXES)]
    firmware: Vec<Firmware>,

    /// The number of simulated machines that take every liberty of the specification; 0 for none.
    /// An ordinary machine comes first [default: 8, for a landfall kernel that passes on that one]
    #[arg(long, value_name = "N", value_parser = parse_simulated, help_heading = AXES)]
    simulator: Option<u32>,

    /// 16 hex digits from which all seeds and addresses follow [default: a fresh seed]
    #[arg(long, value_name = "HEX")]
    seed: Option<Seed>,

    /// Run only the boot of this name, or the boots whose names contain this word
    #[arg(long, value_name = "NAME")]
    only: Option<String>,

    /// Print the names of the boots; builds and installs nothing
    #[arg(long, conflicts_with_all = ["soak", "format"])]
    list: bool,

    /// Begin new rounds, each with a seed of its own, for this long: 90s, 30min, 8h
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    soak: Option<Duration>,

    /// Pass when a line of the console contains this text
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    until: Option<String>,

    /// The time limit of one boot [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    timeout: Option<Duration>,

    /// The kernel's command line
    #[arg(long, value_name = "CMDLINE", allow_hyphen_values = true)]
    append: Option<String>,

    /// An initial RAM disk for the kernel
    #[arg(long, value_name = "FILE")]
    initrd: Option<PathBuf>,

    /// The form of the result
    #[arg(long, value_enum, default_value = "text")]
    format: TestFormat,

    /// More arguments for QEMU
    #[arg(last = true, value_name = "QEMU ARGS")]
    qemu: Vec<OsString>,
}

/// The heading of the options in `--help`.
const AXES: &str = "Machines";

/// The most addresses of one round. A list of all boots of a round is kept in memory.
const MOST_ADDRESSES: u32 = 65_536;

fn parse_count(text: &str) -> Result<NonZeroU32, String> {
    let count = text.parse().ok().filter(|count: &NonZeroU32| count.get() <= MOST_ADDRESSES);
    count.ok_or_else(|| format!("write a number from 1 to {MOST_ADDRESSES}, such as 4"))
}

/// Parses a number of harts. QEMU's `virt` machine has 512 at most.
fn parse_virt_harts(text: &str) -> Result<Harts, String> {
    const MOST: u32 = 512;
    let harts = parse_harts(text).ok().filter(|harts| harts.get() <= MOST);
    harts.ok_or_else(|| format!("write a number of harts from 1 to {MOST}, such as 4"))
}

fn parse_simulated(text: &str) -> Result<u32, String> {
    let count = text.parse().ok().filter(|count: &u32| *count <= MOST_ADDRESSES);
    count.ok_or_else(|| format!("write a number from 0 to {MOST_ADDRESSES}, such as 100"))
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| "write a duration, such as 90s, 30min or 8h".to_owned())
}

/// Returns the values that a user names, each once, or the usual ones if `values` is empty.
fn or_usual<T: PartialEq>(values: Vec<T>, usual: Vec<T>) -> Vec<T> {
    let mut once = Vec::new();
    for value in if values.is_empty() { usual } else { values } {
        if !once.contains(&value) {
            once.push(value);
        }
    }
    once
}

impl From<TestArgs> for TestCommand {
    fn from(arguments: TestArgs) -> Self {
        let usual = Axes::default();
        let axes = Axes {
            modes: or_usual(arguments.mode, usual.modes),
            addresses: arguments.addresses.unwrap_or(usual.addresses),
            harts: arguments.harts.unwrap_or(usual.harts),
            memory: or_usual(arguments.memory, usual.memory),
            firmware: or_usual(arguments.firmware, usual.firmware),
            simulator: arguments.simulator.map_or(usual.simulator, Simulated::Asked),
        };
        let request = TrialRequest {
            kernel: arguments.kernel.into(),
            axes,
            seed: arguments.seed,
            only: arguments.only,
            soak: arguments.soak,
            timeout: arguments.timeout.unwrap_or(TIMEOUT),
            until: arguments.until,
            append: arguments.append,
            initrd: arguments.initrd,
            qemu: arguments.qemu,
        };
        if arguments.list { Self::List(request) } else { Self::Run(request, arguments.format) }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{Cli, Subcommands};
    use super::*;

    fn parse(line: &str) -> Result<TestCommand, i32> {
        match Cli::try_parse_from(format!("landfall test {line}").split_whitespace()) {
            Ok(Cli { command: Subcommands::Test(arguments) }) => Ok((*arguments).into()),
            Ok(_) => panic!("`test` is another command now"),
            Err(error) => Err(error.exit_code()),
        }
    }

    fn request(line: &str) -> TrialRequest {
        match parse(line) {
            Ok(TestCommand::Run(request, _)) => request,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn all_axes_have_their_usual_values_by_default() {
        let request = request("");
        assert_eq!(request.axes, Axes::default());
        assert!(request.kernel.is_default() && request.seed.is_none() && request.soak.is_none());
        assert_eq!(request.timeout, Duration::from_secs(30));
    }

    #[test]
    fn every_option_arrives() {
        let line = "k --mode sv39,sv57 --addresses 2 --harts 8 --memory 64M,1G --firmware uefi --soak 2h --simulator 3 \
                    --seed 0123456789abcdef --only mode --until x --timeout 9 --append -a --initrd i -- -d int";
        let request = request(line);
        assert_eq!(request.axes.modes, [Mode::Sv39, Mode::Sv57]);
        assert_eq!((request.axes.addresses.get(), request.axes.harts.get()), (2, 8));
        assert_eq!(request.axes.memory, [Size::mib(64), Size::gib(1)]);
        assert_eq!((request.axes.firmware.len(), request.axes.simulator), (1, Simulated::Asked(3)));
        assert_eq!(request.soak, Some(Duration::from_secs(7200)));
        assert_eq!(request.seed, Some(Seed(0x0123_4567_89ab_cdef)));
        assert_eq!((request.until.as_deref(), request.timeout.as_secs()), (Some("x"), 9));
        assert_eq!((request.append.as_deref(), request.qemu.len()), (Some("-a"), 2));
        assert!(matches!(parse("--list --only seed"), Ok(TestCommand::List(_))));
    }

    #[test]
    fn a_value_that_is_named_twice_counts_once() {
        let axes = request("--mode sv57,sv39,sv57 --memory 1G,1G --firmware uefi,uefi").axes;
        assert_eq!(axes.modes, [Mode::Sv57, Mode::Sv39]);
        assert_eq!((axes.memory.len(), axes.firmware.len()), (1, 1));
    }

    #[test]
    fn a_wrong_duration_is_answered_by_right_ones() {
        let error =
            Cli::try_parse_from(["landfall", "test", "--soak", "x"]).map(drop).expect_err("no duration");
        assert!(error.to_string().contains("such as 90s, 30min or 8h"), "{error}");
    }

    #[test]
    fn mistakes_are_usage_errors() {
        for line in [
            "--mode sv32",
            "--mode sv39,",
            "--addresses 0",
            "--addresses 65537",
            "--harts 0",
            "--harts 513",
            "--simulator -1",
            "--simulator 65537",
            "--memory 0",
            "--memory 1G,4097",
            "--seed 1",
            "--soak",
            "--soak 8x",
            "--until=",
            "--timeout 0",
            "--format xml",
            "--list --soak 1h",
            "a b",
        ] {
            assert_eq!(parse(line).err(), Some(2), "{line}");
        }
    }
}
