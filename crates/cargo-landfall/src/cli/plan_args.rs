//! The arguments of `plan`: one of three sources, and its settings.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;

use super::chosen_args::ChosenArgs;
use super::kernel_args::ProfiledArgs;
use super::tree_args::{BOARDS, TreeArgs};
use super::values::{parse_harts, parse_memory, parse_seconds};
use crate::failure::Failure;
use crate::plan::{PlanCommand, PlanFormat};
use landfall_host::kernel::Selection;
use landfall_host::machine::{Harts, Mode};
use landfall_host::plan::{PlanRequest, Source};
use landfall_host::request::BootRequest;
use landfall_predict::board::Loading;
use landfall_predict::policy::PolicyArgument;
use landfall_predict::units::{Address, Extent, Seed, Size};

pub(super) const EXAMPLES: &str = "\
Examples:
  cargo landfall plan
  cargo landfall plan --mode sv39 --memory 16G --no-kaslr --format json
  cargo landfall plan my-kernel --dtb board.dtb --memory 0x80000000:2G --no-map 0x80000000:512K
  cargo landfall run --dump-facts boot.json && cargo landfall plan --facts boot.json
  cargo landfall plan --facts boot.json --policy physical=pack
  landfall plan kernel.elf --dtb board.dtb --format svg > plan.svg
  landfall plan kernel.elf --dtb board.dtb --format html > plan.html";

/// The arguments of a board, which those of a `virt` machine exclude.
const OF_BOARDS: [&str; 3] = ["dtb", "initrd", "of_tree"];

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) kernel: ProfiledArgs,

    /// Predict the boot of this file, which `run --dump-facts` wrote
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "dtb", "memory", "at", "mode", "harts", "seed", "no_kaslr", "append", "initrd", "of_tree", "timeout", "qemu",
    ])]
    facts: Option<PathBuf>,

    /// Predict a board with this device tree
    #[arg(long, value_name = "FILE", help_heading = BOARDS)]
    dtb: Option<PathBuf>,

    /// The machine's RAM, such as 4G [default: 1G]; with --dtb BASE:SIZE, which replaces the
    /// tree's; repeatable
    #[arg(long, value_name = "SIZE|BASE:SIZE")]
    memory: Vec<MemoryArg>,

    /// The image's physical address [default: 0x80200000; with --dtb, 2 MiB above the start of RAM]
    #[arg(long, value_name = "ADDR")]
    at: Option<Address>,

    /// The largest paging mode of the machine
    #[arg(long, value_enum)]
    mode: Option<Mode>,

    /// The number of the machine's harts [default: 1]
    #[arg(long, value_name = "N", value_parser = parse_harts, conflicts_with_all = OF_BOARDS)]
    harts: Option<Harts>,

    /// 16 hex digits that become the only seed in the device tree: the same seed gives the same
    /// layout
    #[arg(long, value_name = "HEX", conflicts_with = "no_kaslr")]
    seed: Option<Seed>,

    #[command(flatten)]
    chosen: ChosenArgs,

    /// The initrd's physical addresses
    #[arg(long, value_name = "BASE:SIZE", requires = "dtb", help_heading = BOARDS)]
    initrd: Option<Extent>,

    #[command(flatten)]
    tree: TreeArgs,

    /// Change the kernel's policy for this plan; repeatable; `--policy help` lists the keys
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) policy: Vec<PolicyArgument>,

    /// The format of the result
    #[arg(long, value_enum, default_value = "text")]
    format: PlanFormat,

    /// A plan or an audit in JSON, which the page of `--format html` compares this plan with
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,

    /// The time limit of the firmware [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds, conflicts_with_all = OF_BOARDS)]
    timeout: Option<Duration>,

    /// More arguments for QEMU
    #[arg(last = true, value_name = "QEMU ARGS", conflicts_with_all = OF_BOARDS)]
    qemu: Vec<OsString>,
}

/// The size of RAM, or its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MemoryArg {
    Size(Size),
    Extent(Extent),
}

impl FromStr for MemoryArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains(':') {
            text.parse().map(Self::Extent).map_err(|error| format!("{error}"))
        } else {
            parse_memory(text).map(Self::Size)
        }
    }
}

impl PlanArgs {
    /// # Errors
    /// Returns [`Failure::Usage`] if arguments conflict.
    pub(super) fn command(self) -> Result<PlanCommand, Failure> {
        let (format, compare) = (self.format, self.compare.clone());
        if compare.is_some() && format != PlanFormat::Html {
            return Err(Failure::usage("--compare applies to --format html; add it"));
        }
        let policy = PolicyArgument::changes(&self.policy);
        let kernel = Selection::from(self.kernel.clone());
        let source = match (self.facts.clone(), self.dtb.clone()) {
            (Some(path), _) => Source::Facts(path),
            (None, Some(path)) => Source::Tree { path, loading: self.loading()? },
            (None, None) => Source::Machine(Box::new(self.machine(kernel.clone())?)),
        };
        Ok(PlanCommand { request: PlanRequest { kernel, source }, policy, format, compare })
    }

    fn loading(self) -> Result<Loading, Failure> {
        let extent = |memory: MemoryArg| match memory {
            MemoryArg::Extent(extent) => Ok(extent),
            MemoryArg::Size(size) => Err(Failure::usage(format!(
                "--memory {size} has no base; with --dtb write BASE:SIZE, such as 0x80000000:{:#x}",
                size.0
            ))),
        };
        Ok(Loading {
            memory: self.memory.into_iter().map(extent).collect::<Result<_, _>>()?,
            at: self.at,
            mode: self.mode.map(Into::into),
            initrd: self.initrd,
            randomness: self.chosen.randomness(self.seed),
            append: self.chosen.append,
            ..self.tree.into()
        })
    }

    fn machine(self, kernel: Selection) -> Result<BootRequest, Failure> {
        let usual = BootRequest::new(kernel);
        let memory = match self.memory.as_slice() {
            [] => usual.memory,
            [MemoryArg::Size(size)] => *size,
            [MemoryArg::Extent(_), ..] => {
                return Err(Failure::usage(
                    "--memory BASE:SIZE applies to a board (--dtb); a virt machine has its RAM at 0x80000000; write a size",
                ));
            }
            [_, _, ..] => {
                return Err(Failure::usage(
                    "a virt machine takes one --memory; several with BASE:SIZE apply to a board (--dtb); write one size",
                ));
            }
        };
        Ok(BootRequest {
            mode: self.mode,
            at: self.at,
            memory,
            harts: self.harts.unwrap_or(usual.harts),
            randomness: self.chosen.randomness(self.seed),
            append: self.chosen.append,
            timeout: self.timeout.unwrap_or(usual.timeout),
            qemu: self.qemu,
            ..usual
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use landfall_predict::Randomness;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        plan: PlanArgs,
    }

    fn parse(line: &str) -> Option<PlanCommand> {
        let line = Line::try_parse_from(format!("plan {line}").split_whitespace()).ok()?;
        line.plan.command().ok()
    }

    #[test]
    fn a_machine_is_what_run_would_boot() {
        let options = parse("k --memory 4G --harts 3 --seed 0123456789abcdef -- -icount shift=0");
        let Some(PlanCommand { request: PlanRequest { source: Source::Machine(machine), .. }, .. }) = options
        else {
            panic!("a machine")
        };
        assert_eq!((machine.memory, machine.harts.get()), (Size::gib(4), 3));
        assert_eq!(machine.kernel, Selection::named("k"));
        assert_eq!(machine.randomness, Randomness::Seed(Seed(0x0123_4567_89ab_cdef)));
    }

    #[test]
    fn a_board_takes_what_its_tree_does_not_say() {
        let options = parse(
            "--dtb b --memory 0x80000000:1G --memory 0x1000000000:64G --no-map 0x80000000:512K --boot-hart 1 --policy kaslr=off",
        );
        let Some(PlanCommand {
            request: PlanRequest { source: Source::Tree { loading, .. }, .. },
            policy,
            ..
        }) = options
        else {
            panic!("a board")
        };
        assert_eq!((loading.memory.len(), loading.no_map.len(), loading.boot_hart), (2, 1, Some(1)));
        assert_eq!(policy.len(), 1);
    }

    #[test]
    fn what_belongs_to_another_source_is_a_mistake() {
        for line in [
            "--facts f --dtb b",
            "--facts f --memory 1G",
            "--facts f --seed 0123456789abcdef",
            "--facts f --mode sv39",
            "--facts f -- -icount shift=0",
            "--dtb b --memory 1G",
            "--dtb b --harts 2",
            "--dtb b -- -smp 2",
            "--memory 0x80000000:1G",
            "--memory 1G --memory 1G",
            "--memory 1",
            "--boot-hart 1",
            "--harts 4 --boot-hart 1",
            "--timeout 9 --tree-at 0x80000000",
            "--harts 4 --initrd 0x90000000:1M",
            "--harts 4 --memory-types thead",
            "--harts 4 --reserve 0x90000000:1M",
            "--no-map 0x80000000:512K -- -icount shift=0",
            "--reserve 0x80000000:1M",
            "--tree-at 0x80000000",
            "--dtb b --no-map 0x80000000",
            "--dtb b --no-kaslr --seed 0123456789abcdef",
            "--policy nothing",
        ] {
            assert!(parse(line).is_none(), "{line}");
        }
        assert!(parse("--facts f").is_some() && parse("k --facts f --policy kaslr=off").is_some());
    }
}
