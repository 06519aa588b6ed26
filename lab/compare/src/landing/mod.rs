//! The landing: its instructions by part, and their growth with each property of a machine and of a
//! kernel.
//!
//! The counts are exact, so a landing that costs more than the recorded one has changed:
//! `docs/performance.json`.

mod boot;
mod case;
mod record;
mod secondary;
mod tree;

use anyhow::Error;
use landfall_host::measure::Part;
use landfall_host::qemu::Qemu;
use landfall_host::{output, setup};

use crate::{Cell, Table};

pub use case::{Axis, Case};
pub use record::{PAGE, RECORD, deviations, shown, with_tables};

use boot::Counted;

/// Boots each case and counts, and counts the other harts. Calls `progress` with the name of each
/// boot before it begins.
///
/// # Errors
/// [`Error`] if a kernel does not build or does not land.
pub fn tables(qemu: &Qemu, cases: &[Case], mut progress: impl FnMut(&str)) -> Result<Vec<Table>, Error> {
    let mut kernels = boot::Kernels::default();
    let mut counted = Vec::new();
    for case in cases {
        progress(&format!("{}: {}", case.axis.title(), case.name));
        counted.push((case, boot::count(qemu, &mut kernels, case)?));
    }
    let of_axis = |axis| counted.iter().filter(move |(case, _)| case.axis == axis);
    let axes = Axis::ALL.into_iter().filter(|axis| of_axis(*axis).next().is_some());
    let mut tables: Vec<_> = axes.map(|axis| table(axis, of_axis(axis))).collect();
    tables.push(secondary::table()?);
    Ok(tables)
}

/// Returns the bytes of the landing's stack that each case uses, and the size of the stack.
///
/// # Errors
/// As [`tables`].
pub fn stacks(qemu: &Qemu, cases: &[Case]) -> Result<Vec<(String, usize, usize)>, Error> {
    let mut kernels = boot::Kernels::default();
    let used = |case: &Case| {
        let stack = boot::stack(qemu, &mut kernels, case)?;
        let unused = stack.iter().take_while(|byte| **byte == 0).count();
        Ok((case.name.clone(), stack.len() - unused, stack.len()))
    };
    cases.iter().map(used).collect()
}

/// Measures all, writes [`RECORD`] and the tables of [`PAGE`], and prints the tables.
///
/// # Errors
/// As [`tables`], and if a file cannot be read or written.
pub fn record() -> Result<(), Error> {
    setup::rust_target()?;
    let qemu = setup::qemu(setup::FOR_TEST)?;
    let tables = tables(&qemu, &Case::all(), |line| output::note(line))?;
    record::write(&tables)?;
    tables.iter().for_each(output::result);
    Ok(())
}

fn table<'a>(axis: Axis, rows: impl Iterator<Item = &'a (&'a Case, Counted)>) -> Table {
    let keys = Part::ALL.map(Part::key);
    let columns = [axis.column(), "total"].into_iter().chain(keys).chain(["other", "slots"]);
    let row = |(case, counted): &(&Case, Counted)| {
        let numbers = counted.instructions;
        let parts = Part::ALL.map(|part| numbers.of(part));
        let counts = [numbers.total()].into_iter().chain(parts);
        let counts = counts.chain([numbers.other(), counted.slots]);
        [Cell::Text(case.name.clone())].into_iter().chain(counts.map(Cell::from)).collect()
    };
    Table { title: axis.title(), columns: columns.collect(), rows: rows.map(row).collect() }
}
