//! The arguments of `run` for the simulator.

use clap::Args;

use crate::failure::Failure;
use landfall_host::request::{BootRequest, Keys};
use landfall_host::simulator::{LIMIT, LibertyArgument, Preset, SimulatorRequest};

/// The heading of the options in `--help`.
const SIMULATOR: &str = "Simulator";

#[derive(Clone, Debug, Args)]
pub(super) struct SimulatorArgs {
    /// Boot on the simulator, which needs no QEMU, and whose machines take these liberties of the
    /// specification. A failure prints the machine, the decisive liberty, and the command that
    /// repeats the run
    #[arg(long, value_enum, value_name = "PRESET", help_heading = SIMULATOR)]
    pub(super) simulator: Option<Preset>,

    /// Take these liberties too; repeatable; `--liberties help` lists them with their sections
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = SIMULATOR)]
    pub(super) liberties: Vec<LibertyArgument>,

    /// Do not take these liberties; repeatable
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = SIMULATOR)]
    without: Vec<LibertyArgument>,

    /// The most instructions of all harts together, with K, M or G [default: 200M]
    #[arg(long, value_name = "N", value_parser = parse_limit, help_heading = SIMULATOR)]
    limit: Option<u64>,
}

impl SimulatorArgs {
    /// Returns the request of a boot on the simulator.
    pub(super) fn request(
        self,
        preset: Preset,
        seed: Option<&str>,
        boot: BootRequest,
    ) -> Result<SimulatorRequest, Failure> {
        Ok(SimulatorRequest {
            boot: BootRequest { keyboard: Keys::Nobody, ..boot },
            preset,
            with: LibertyArgument::liberties(&self.liberties),
            without: LibertyArgument::liberties(&self.without),
            seed: seed.map(machine_seed).transpose()?,
            limit: self.limit.unwrap_or(LIMIT),
        })
    }

    /// Refuses options of the simulator for a boot on QEMU.
    pub(super) fn check_absent(&self) -> Result<(), Failure> {
        let given = [
            ("--liberties", !self.liberties.is_empty()),
            ("--without", !self.without.is_empty()),
            ("--limit", self.limit.is_some()),
        ];
        match given.into_iter().find(|(_, given)| *given) {
            Some((option, _)) => Err(Failure::usage(format!(
                "{option} applies to the simulator; add --simulator worst, or remove it"
            ))),
            None => Ok(()),
        }
    }

    /// Returns true if the user asks for the list of liberties.
    pub(super) fn asks_for_help(&self) -> bool {
        self.liberties.iter().chain(&self.without).any(|argument| *argument == LibertyArgument::Help)
    }
}

fn machine_seed(text: &str) -> Result<u64, Failure> {
    text.parse().map_err(|_| {
        Failure::usage(format!(
            "\"{}\" is not the seed of a simulated machine; write a decimal number, such as --seed 7",
            text.escape_debug()
        ))
    })
}

fn parse_limit(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.as_bytes().last() {
        Some(b'K' | b'k') => (&text[..text.len() - 1], 1_000),
        Some(b'M') => (&text[..text.len() - 1], 1_000_000),
        Some(b'G') => (&text[..text.len() - 1], 1_000_000_000),
        _ => (text, 1),
    };
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let limit = digits.parse().ok().and_then(|limit: u64| limit.checked_mul(unit));
    let limit = limit.filter(|&limit| is_number && limit != 0);
    limit.ok_or_else(|| "write a number of instructions, such as 500M".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use landfall_host::machine::Mode;

    use super::super::{Cli, Subcommands};
    use super::*;
    use crate::run::RunMachine;

    fn parse(line: &str) -> Result<SimulatorRequest, String> {
        let words = format!("landfall run {line}");
        let Subcommands::Run(arguments) =
            Cli::try_parse_from(words.split_whitespace()).map_err(|error| error.to_string())?.command
        else {
            panic!("`run` is another command now")
        };
        match arguments.command().map_err(|error| error.to_string())?.machine {
            RunMachine::Simulator(request) => Ok(*request),
            RunMachine::Qemu(_) => Err("QEMU".to_owned()),
        }
    }

    #[test]
    fn every_option_arrives_at_the_simulator() {
        let line = "k --simulator worst --seed 18446744073709551615 --liberties cip-1200,c910-satp --without \
                    old-load --limit 5M --mode sv48 --harts 4 --no-kaslr --append -x --until y";
        let request = parse(line).expect("right");
        assert_eq!((request.preset, request.seed, request.limit), (Preset::Worst, Some(u64::MAX), 5_000_000));
        let names = |liberties: &[landfall_host::simulator::Liberty]| {
            liberties.iter().map(|liberty| liberty.name()).collect::<Vec<_>>()
        };
        assert_eq!(names(&request.with), ["cip-1200", "c910-satp"]);
        assert_eq!(names(&request.without), ["old-load"]);
        assert_eq!((request.boot.mode, request.boot.harts.get()), (Some(Mode::Sv48), 4));
        assert_eq!(request.boot.randomness, landfall_predict::Randomness::Off);
        let usual = parse("--simulator plain").expect("right");
        assert_eq!((usual.seed, usual.limit), (None, LIMIT));
        assert_eq!(parse("").err().as_deref(), Some("QEMU"));
    }

    #[test]
    fn a_seed_is_decimal_for_the_simulator_and_hexadecimal_for_qemu() {
        assert_eq!(
            parse("--simulator worst --seed 0123456789012345").map(|request| request.seed),
            Ok(Some(123_456_789_012_345))
        );
        assert_eq!(parse("--seed 0123456789012345").err().as_deref(), Some("QEMU"));
        for (line, words) in [
            ("--simulator worst --seed 0123456789abcdef", "write a decimal number"),
            ("--simulator worst --seed=-1", "write a decimal number"),
            ("--seed 7", "16"),
        ] {
            let error = parse(line).expect_err(line);
            assert!(error.contains(words), "{line}: {error}");
        }
    }

    #[test]
    fn what_only_one_of_the_two_machines_has_is_refused() {
        for (line, words) in [
            ("--liberties old-load", "--liberties applies to the simulator"),
            ("--without old-load", "--without applies to the simulator"),
            ("--limit 1M", "--limit applies to the simulator"),
            ("--simulator worst --timeout 5", "--timeout conflicts with --simulator"),
            ("--simulator worst --liberties old", "`--liberties help` lists them"),
            ("--simulator bad", "worst"),
            ("--simulator worst --limit 0", "such as 500M"),
            ("--simulator worst --limit 1T", "such as 500M"),
            ("--simulator worst --limit 99999999999G", "such as 500M"),
        ] {
            let error = parse(line).expect_err(line);
            assert!(error.contains(words), "{line}: {error}");
        }
        for (line, words) in [
            ("--firmware u-boot", "--firmware conflicts with --simulator"),
            ("--board spike", "--board conflicts with --simulator"),
            ("--gdb", "--gdb conflicts with --simulator"),
            ("--dump-facts f", "--dump-facts conflicts with --simulator"),
            ("-- -d int", "-- QEMU ARGS conflicts with --simulator"),
        ] {
            let request = parse(&format!("--simulator plain {line}")).expect("it parses");
            let error = landfall_host::simulator::check(&request).expect_err(line).to_string();
            assert!(error.contains(words), "{line}: {error}");
        }
    }
}
