//! The text after a failure: the machine, the explanation, and the command that repeats the run.

use std::cell::RefCell;
use std::collections::HashMap;

use landfall_hart::config::Config;
use landfall_hart::liberty::{Liberties, Liberty};
use landfall_hart::{Explanation, Machine, explain_with};
use landfall_predict::Randomness;
use landfall_predict::units::Address;

use super::boot::{self, Ran};
use super::drawn::Drawn;
use super::names::Bases;
use super::{LIMIT, SimulatorRequest};
use crate::command_line::CommandLine;
use crate::output;
use crate::qemu::ByLine;
use crate::verdict::Verdict;

/// Runs of a search may take so many times the instructions of the ordinary machine, and more.
const SLOWER: u64 = 10;
const MORE: u64 = 20_000_000;

/// Prints the machine and the explanation.
pub(super) fn show(request: &SimulatorRequest, drawn: &Drawn, elf: &[u8]) {
    output::note("the machine:");
    drawn.config.describe().lines().for_each(|line| output::note(format_args!("  {line}")));
    if drawn.config.liberties == Liberties::PLAIN {
        output::note("the machine takes no liberty; no liberty is the cause");
    } else {
        explain(request, drawn, elf);
    }
}

fn explain(request: &SimulatorRequest, drawn: &Drawn, elf: &[u8]) {
    output::note("simulator: the search for the decisive liberty runs the machine again with fewer");
    let plain = match drawn.with(Liberties::PLAIN) {
        Ok(config) => run(request, config, request.limit),
        Err(error) => return output::note(format_args!("the reason is not known; {error}")),
    };
    let executed = plain.executed;
    if plain.verdict(request).is_err() {
        return output::note(
            "the kernel fails on the machine without liberties too; --simulator plain shows its console",
        );
    }
    match search_within(request, drawn, executed) {
        Some((explanation, bases)) => {
            for line in explanation.to_string().lines() {
                output::note(line);
                bases.in_line(elf, line).iter().for_each(output::note);
            }
        }
        None => output::note("the reason is not known; the failure did not repeat"),
    }
}

/// Explains a failure, and returns the addresses at which the kernel ran. The ordinary machine
/// takes `executed` instructions.
pub(super) fn search_within(
    request: &SimulatorRequest,
    drawn: &Drawn,
    executed: u64,
) -> Option<(Explanation, Bases)> {
    let search = Search { request, drawn, bases: RefCell::default() };
    let short = executed.saturating_mul(SLOWER).saturating_add(MORE).min(request.limit);
    let explanation = search.explain(short).or_else(|| search.explain(request.limit))?;
    let bases = search.bases_of(&explanation);
    Some((explanation, bases))
}

/// Runs a machine without its console.
fn run(request: &SimulatorRequest, config: Config, limit: u64) -> Ran {
    boot::run(&mut Machine::new(config), request, limit, &mut ByLine(|_: &str| {}))
}

struct Search<'a> {
    request: &'a SimulatorRequest,
    drawn: &'a Drawn,
    /// The addresses of the kernel, by the liberties of the machines that ran.
    bases: RefCell<HashMap<u64, Bases>>,
}

impl Search<'_> {
    fn explain(&self, limit: u64) -> Option<Explanation> {
        let drawn = self.drawn;
        explain_with(
            &drawn.config,
            |liberties| drawn.with(liberties).ok(),
            |machine| {
                let ran = boot::run(machine, self.request, limit, &mut ByLine(|_: &str| {}));
                self.learn(machine, &ran);
                ran.verdict(self.request).is_err()
            },
        )
    }

    /// Takes the addresses at which a kernel runs, from its report and from its harts: it may have
    /// failed before a report.
    fn learn(&self, machine: &mut Machine, ran: &Ran) {
        let (kernel, harts) = (machine.config().kernel, machine.config().harts.len());
        let liberties = machine.config().liberties;
        let mut all = self.bases.borrow_mut();
        let bases = all.entry(key(liberties)).or_default();
        bases.add(Address(kernel.start));
        for index in 0..harts {
            let offset = machine.physical_pc(index).and_then(|pc| pc.checked_sub(kernel.start));
            if let Some(offset) = offset.filter(|&offset| offset < kernel.len) {
                bases.add(Address(machine.hart_state(index).pc.wrapping_sub(offset)));
            }
        }
        if let Some(Verdict::Landed(report)) = &ran.boot.verdict
            && let Some(address) = report.kernel_virtual()
        {
            bases.add(address);
        }
    }

    fn bases_of(&self, explanation: &Explanation) -> Bases {
        let liberties = explanation.liberties.iter().copied().collect();
        self.bases.borrow().get(&key(liberties)).cloned().unwrap_or_default()
    }
}

/// Returns a number for a set of liberties.
fn key(liberties: Liberties) -> u64 {
    liberties.iter().fold(0, |key, liberty| key | 1 << liberty as u32)
}

/// Returns the preset and its changes, as a user writes them.
pub(super) fn preset(request: &SimulatorRequest) -> String {
    let list = |sign: &str, liberties: &[Liberty]| {
        liberties.iter().fold(String::new(), |list, liberty| format!("{list} {sign} {}", liberty.name()))
    };
    format!("{}{}{}", request.preset.name(), list("with", &request.with), list("without", &request.without))
}

/// Returns the command that boots the same machine.
pub(super) fn command(request: &SimulatorRequest, seed: u64) -> String {
    let boot = &request.boot;
    let mut line = CommandLine::new("run", &boot.kernel);
    line.option("--simulator", &request.preset.name());
    line.option("--seed", &seed);
    for (option, liberties) in [("--liberties", &request.with), ("--without", &request.without)] {
        for liberty in liberties {
            line.option(option, &liberty.name());
        }
    }
    if let Some(mode) = boot.mode {
        line.option("--mode", &mode.name());
    }
    if let Some(at) = boot.at {
        line.option("--at", &at);
    }
    line.option("--harts", &boot.harts);
    line.option("--memory", &boot.memory.0);
    if boot.randomness == Randomness::Off {
        line.add("--no-kaslr");
    }
    boot.policy.iter().for_each(|change| line.option("--policy", change));
    if request.limit != LIMIT {
        line.option("--limit", &request.limit);
    }
    for (option, value) in [("--until", &boot.until), ("--append", &boot.append)] {
        if let Some(value) = value {
            line.option(option, value);
        }
    }
    boot.initrd.iter().for_each(|initrd| line.option("--initrd", &initrd.display()));
    if let Some(next) = &boot.then {
        next.kernel.name.iter().for_each(|name| line.option("--then", name));
        next.initrd.iter().for_each(|initrd| line.option("--then-initrd", &initrd.display()));
        next.append.iter().for_each(|append| line.option("--then-append", append));
    }
    line.into_text()
}
