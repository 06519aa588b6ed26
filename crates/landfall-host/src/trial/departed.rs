//! The judge of a departure: a wrapper's machine is stopped at the jump to the inner kernel.

use std::time::Instant;

use landfall_image::inner::{InnerRecord, Replacement};
use landfall_judge::Unreadable;
use landfall_judge::inner::Departure;
use landfall_judge::intervals::Interval;
use landfall_judge::memory::PhysicalMemory;
use landfall_judge::tables::Tables;
use landfall_predict::inner::InnerPrediction;
use landfall_predict::units::Address;

use super::at_main::Main;
use super::subject::Landing;
use crate::gdb::{Ended, GdbError};
use crate::landmarks::{ENTER, IMAGE_START};
use crate::stopped::StoppedMachine;

/// Follows a machine from the wrapper's `main` to the jump, and adds the broken rules to those of
/// the landing. A machine that does not come there states the reason on its console.
///
/// # Errors
/// [`Unreadable`] names the part of the machine that cannot be read.
pub(super) fn judge(
    machine: &mut StoppedMachine,
    kernel: &Landing,
    main: &mut Main,
    until: Instant,
) -> Result<(), Unreadable> {
    let Some(record) = record(kernel) else { return Ok(()) };
    let Some(jump) = reach(machine, kernel, main, until).map_err(|error| error.to_string())? else {
        return Ok(());
    };
    let tables = Tables::read(&mut machine.gdb, jump.satp, main.extensions)?;
    let wrapper = Interval::new(main.layout.kernel.0, kernel.image.size);
    let Jump { pc, entry, stack, .. } = jump;
    let departure = Departure { kernel: record.kernel(), pc, entry, stack, wrapper };
    main.judges.push("departure");
    main.findings.extend(tables.check_rules());
    let mut read = |at, size| PhysicalMemory::read(&mut machine.gdb, at, size);
    main.findings.extend(departure.check(&tables.walk.leaves, &mut read)?);
    let planned = main.prediction.as_ref().and_then(|prediction| prediction.inner.as_ref());
    if let Some(InnerPrediction::Starts(planned)) = planned {
        // A kernel can request another entry than its file's, so the places are compared.
        let start = departure.place(&tables.walk.leaves, &mut read)?.start;
        let planned = planned.places.virt.start;
        if planned.get() != start {
            main.findings.push(format!("the inner kernel is at {start:#x}, and at {planned} in the plan"));
        }
    }
    Ok(())
}

/// Returns the record of the inner kernel. One that an initrd may replace is not judged.
fn record(kernel: &Landing) -> Option<InnerRecord<'_>> {
    let image = &kernel.image.flat;
    let record = InnerRecord::read(image.get(InnerRecord::find(image)?..)?).ok()?;
    (record.options().replacement == Replacement::Refused).then_some(record)
}

/// A hart at the jump.
struct Jump {
    pc: u64,
    entry: u64,
    stack: u64,
    satp: u64,
}

fn reach(
    machine: &mut StoppedMachine,
    kernel: &Landing,
    main: &Main,
    until: Instant,
) -> Result<Option<Jump>, GdbError> {
    let link = |name| kernel.symbols.find(name).map(|symbol| symbol.address);
    let (Some(enter), Some(start)) = (link(ENTER), link(IMAGE_START)) else { return Ok(None) };
    let at = Address(main.layout.kernel.0.wrapping_add(enter.wrapping_offset_from(start)));
    machine.gdb.set_breakpoint(at)?;
    let Ended::Stopped(_) = machine.resume(until)? else { return Ok(None) };
    let gdb = &mut machine.gdb;
    let mut register = |name| gdb.register(name);
    let jump =
        Jump { pc: register("pc")?, entry: register("t0")?, stack: register("sp")?, satp: register("satp")? };
    gdb.remove_breakpoint(at)?;
    Ok((jump.pc == at.0).then_some(jump))
}
