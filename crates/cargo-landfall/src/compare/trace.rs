//! What a function executes, seen by a debugger: every instruction of it, or how often it passes certain places.

use std::path::Path;
use std::time::{Duration, Instant};

use super::CompareError;
use super::kernel::PATIENCE;
use crate::failure::Failure;
use crate::gdb::{self, Client, Ended};
use crate::machine::Machine;
use crate::measure::MeasureError;
use crate::qemu::{Qemu, Running};
use crate::symbols::Symbols;
use crate::units::Address;

/// No function that is followed takes more instructions.
const LONGEST: usize = 100_000;

/// A machine before its first instruction, and its debugger.
struct Debugged {
    gdb: Client,
    _running: Running,
    until: Instant,
}

impl Debugged {
    fn start(qemu: &Qemu, machine: &Machine) -> Result<Self, Failure> {
        let directory = tempfile::tempdir().map_err(MeasureError::Directory)?;
        let socket = directory.path().join("gdb");
        let mut arguments = machine.arguments();
        arguments.extend(gdb::arguments(&socket));
        let running = qemu.start(arguments)?;
        let gdb = Client::connect(&socket, Duration::from_secs(10))?;
        Ok(Self { gdb, _running: running, until: Instant::now() + PATIENCE })
    }

    /// The pc at which the machine stops next.
    fn run_to_stop(&mut self, function: &str) -> Result<Address, Failure> {
        let left = self.until.saturating_duration_since(Instant::now());
        match self.gdb.resume(left)? {
            Ended::Stopped(_) => Ok(Address(self.gdb.register("pc")?)),
            Ended::Exited | Ended::Late => {
                Err(not_followed(function, "the machine did not stop there").into())
            }
        }
    }
}

fn not_followed(function: &str, what: &'static str) -> CompareError {
    CompareError::Trace { function: function.to_owned(), what }
}

/// How often a bare kernel, linked anywhere and running at `runs_at`, executes the instructions at `places` while it works.
pub(super) fn hits(
    qemu: &Qemu,
    machine: &Machine,
    elf: &Path,
    runs_at: Address,
    places: &[Address],
) -> Result<u64, Failure> {
    const WORK: &str = "compare_workload::run";
    if places.is_empty() {
        return Ok(0);
    }
    let symbols = Symbols::read(elf).map_err(MeasureError::from)?;
    let address = |name: &'static str| symbols.find(name).map(|symbol| symbol.address);
    let (Some(begin), Some(base)) = (address(WORK), address("_start")) else {
        return Err(not_followed(WORK, "the kernel has no such symbol").into());
    };
    let begin = runs_at.wrapping_add(begin.wrapping_offset_from(base));
    let mut debugged = Debugged::start(qemu, machine)?;
    debugged.gdb.set_breakpoint(begin)?;
    debugged.run_to_stop(WORK)?;
    let end = Address(debugged.gdb.register("ra")?);
    debugged.gdb.remove_breakpoint(begin)?;
    debugged.gdb.set_breakpoint(end)?;
    for place in places {
        debugged.gdb.set_breakpoint(*place)?;
    }
    // The function's first instruction may be one of them, and has been reached already.
    let mut hits = u64::from(places.contains(&begin));
    while debugged.run_to_stop(WORK)? != end {
        hits += 1;
    }
    Ok(hits)
}

/// Functions of a kernel, in the order in which it calls them: for each, the addresses of all instructions that it executes, up to its return.
pub(super) fn follow(
    qemu: &Qemu,
    machine: &Machine,
    functions: &[(&'static str, Address)],
) -> Result<Vec<Vec<Address>>, Failure> {
    let mut debugged = Debugged::start(qemu, machine)?;
    let mut traces = Vec::new();
    for &(name, begin) in functions {
        debugged.gdb.set_breakpoint(begin)?;
        if debugged.run_to_stop(name)? != begin {
            return Err(not_followed(name, "the machine stopped elsewhere").into());
        }
        debugged.gdb.remove_breakpoint(begin)?;
        let end = Address(debugged.gdb.register("ra")?);
        let (mut pc, mut trace) = (begin, Vec::new());
        while pc != end {
            if trace.len() == LONGEST {
                return Err(not_followed(name, "it does not return").into());
            }
            trace.push(pc);
            debugged.gdb.step()?;
            pc = Address(debugged.gdb.register("pc")?);
        }
        traces.push(trace);
    }
    Ok(traces)
}
