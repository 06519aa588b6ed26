//! The arguments of `board`.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::chosen_args::ChosenArgs;
use super::kernel_args::ProfiledArgs;
use super::tree_args::TreeArgs;
use super::values::parse_seconds;
use crate::board::{BoardCommand, Listening};
use landfall_host::board::BoardRequest;
use landfall_host::machine::Mode;
use landfall_host::request::RunFormat;
use landfall_predict::board::Loading;
use landfall_predict::units::{Address, Extent};

pub(super) const EXAMPLES: &str = "\
Examples:
  cargo landfall board --dtb board.dtb --out card
  cargo landfall board --dtb board.dtb --out card --memory 0x40000000:4G --serial /dev/ttyUSB0
  cargo landfall board --dtb board.dtb --log console.log --format json";

/// The option without which the others of a serial device mean nothing. They conflict with `--log`
/// too: clap does not require an argument that conflicts with a present one.
const LISTENING: &str = "serial";

#[derive(Debug, Args)]
pub(super) struct BoardArgs {
    #[command(flatten)]
    pub(super) kernel: ProfiledArgs,

    /// The board's device tree, best the one of its firmware (/sys/firmware/fdt on a running Linux)
    #[arg(long, value_name = "FILE")]
    dtb: PathBuf,

    /// Write the files for the board to this folder
    #[arg(long, value_name = "DIR", required_unless_present_any = ["serial", "log"])]
    out: Option<PathBuf>,

    /// Read the board's console from this serial device, such as /dev/ttyUSB0
    #[arg(long, value_name = "DEV", conflicts_with = "log")]
    serial: Option<PathBuf>,

    /// The bit rate of the serial device [default: that of the tree's stdout-path, else 115200]
    #[arg(long, value_name = "N", requires = LISTENING, conflicts_with = "log")]
    baud: Option<NonZeroU32>,

    /// The time limit for a verdict on the serial device
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds, default_value = "300", requires = LISTENING, conflicts_with = "log")]
    timeout: Duration,

    /// Read a console that a terminal program has saved
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,

    /// The board's RAM, in place of the tree's; repeatable
    #[arg(long, value_name = "BASE:SIZE")]
    memory: Vec<Extent>,

    /// The image's physical address [default: 2 MiB above the start of RAM]
    #[arg(long, value_name = "ADDR")]
    at: Option<Address>,

    /// The best paging mode of the harts
    #[arg(long, value_enum)]
    mode: Option<Mode>,

    #[command(flatten)]
    tree: TreeArgs,

    #[command(flatten)]
    chosen: ChosenArgs,

    /// The format of the result
    #[arg(long, value_enum, default_value = "text")]
    format: RunFormat,
}

impl BoardArgs {
    pub(super) fn command(self) -> BoardCommand {
        let loading = Loading {
            memory: self.memory,
            at: self.at,
            mode: self.mode.map(Into::into),
            randomness: self.chosen.randomness(None),
            append: self.chosen.append,
            ..self.tree.into()
        };
        let listening = match (self.serial, self.log) {
            (Some(path), _) => {
                Listening::Serial { path, baud: self.baud.map(NonZeroU32::get), timeout: self.timeout }
            }
            (None, Some(path)) => Listening::Log(path),
            (None, None) => Listening::Nothing,
        };
        let request = BoardRequest { kernel: self.kernel.into(), tree: self.dtb, loading };
        BoardCommand { request, out: self.out, listening, format: self.format }
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
        board: BoardArgs,
    }

    fn parse(line: &str) -> Option<BoardCommand> {
        let line = Line::try_parse_from(format!("board {line}").split_whitespace()).ok()?;
        Some(line.board.command())
    }

    #[test]
    fn files_a_console_or_both_are_wanted() {
        for (line, is_right) in [
            ("--dtb t", false),
            ("--out d", false),
            ("--dtb t --out d", true),
            ("k --dtb t --log l", true),
            ("k --dtb t --out d --serial s --baud 9600 --timeout 9", true),
            ("--dtb t --serial s --log l", false),
            ("--dtb t --out d --baud 9600", false),
            ("--dtb t --log l --timeout 9", false),
            ("--dtb t --log l --baud 9600", false),
            ("--dtb t --serial s --baud 0", false),
            ("--dtb t --out d --memory 1G", false),
            ("--dtb t --out d --memory 0:1G --memory 0x100000000:1G --no-map 0:512K --mode sv39", true),
        ] {
            assert_eq!(parse(line).is_some(), is_right, "{line}");
        }
    }

    #[test]
    fn options_of_a_tree_are_those_of_plan() {
        let line = "--dtb t --out d --at 0x80400000 --tree-at 0x82000000 --boot-hart 2 --memory-types thead --no-kaslr";
        let command = parse(line).expect("all of these are right");
        let loading = command.request.loading;
        assert_eq!((loading.at, loading.boot_hart), (Some(Address(0x8040_0000)), Some(2)));
        assert_eq!(loading.randomness, Randomness::Off);
        assert!(loading.memory_types.is_some() && loading.tree_at.is_some());
    }
}
