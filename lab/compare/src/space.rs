//! The live address space: its cost beside `page_table_multiarch` and beside the bare editor, for
//! the same memory, in one boot. A shootdown and a switch.

use super::kernel::{self, Line};
use super::{Cell, CompareError, Table};
use anyhow::Error;
use landfall_host::build;
use landfall_host::machine::{Harts, Mode};
use landfall_host::qemu::Qemu;

const KERNEL: &str = "compare-space";

/// The cost of one operation by each design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The operation.
    pub name: String,
    /// Instructions of `page_table_multiarch`.
    pub multiarch: u64,
    /// Instructions of landfall's editor, with the mode fixed and at any address.
    pub fixed: u64,
    /// Instructions of the editor of the landed tables: its mode is chosen at run time, and it owns
    /// two regions.
    pub landed: u64,
    /// Instructions of the live address space.
    pub space: u64,
}

/// The cost of a step that only the live address space has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The step.
    pub name: String,
    /// Instructions of the hart that takes it.
    pub instructions: u64,
}

/// All that is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Operations on mappings.
    pub operations: Vec<Operation>,
    /// Shootdowns and switches.
    pub steps: Vec<Step>,
}

/// Builds the kernel, and boots it on one hart and on eight.
///
/// # Errors
/// [`Error`] where it does not build or run, or where an operation did not do what it should.
pub fn measure(qemu: &Qemu) -> Result<Measured, Error> {
    let built = build::named(KERNEL)?;
    let mut machine = kernel::machine(&built.flat);
    machine.mode = Some(Mode::Sv39);
    machine.append = Some("nokaslr".into());
    let mut lines = kernel::boot(qemu, &machine, KERNEL)?;
    machine.harts = Harts::new(8).ok_or_else(|| Error::msg("a machine has eight harts"))?;
    lines.extend(kernel::boot(qemu, &machine, KERNEL)?);
    let mut measured = Measured { operations: Vec::new(), steps: Vec::new() };
    for line in &lines {
        kernel::check_exact(line)?;
        match line.text("op") {
            Ok(name) => measured.operations.push(operation(line, name)?),
            Err(_) => measured.steps.push(step(line)?),
        }
    }
    Ok(measured)
}

fn operation(line: &Line, name: &str) -> Result<Operation, CompareError> {
    let name = checked(line, name)?;
    let [multiarch, fixed, landed, space] =
        ["multiarch", "fixed", "landed", "space"].map(|field| line.number(field));
    Ok(Operation { name, multiarch: multiarch?, fixed: fixed?, landed: landed?, space: space? })
}

fn step(line: &Line) -> Result<Step, CompareError> {
    Ok(Step { name: checked(line, line.text("step")?)?, instructions: line.number("instructions")? })
}

/// Returns the name, if the machine confirms the result.
fn checked(line: &Line, name: &str) -> Result<String, CompareError> {
    let (name, result) = (name.replace('_', " "), line.text("result")?);
    if result == "right" {
        return Ok(name);
    }
    Err(CompareError::Different {
        what: name,
        found: result.to_owned(),
        other: "the machine".to_owned(),
        expected: "right".to_owned(),
    })
}

/// The table of operations that users see.
#[must_use]
pub fn operations_table(measured: &Measured) -> Table {
    let row = |operation: &Operation| {
        let counts = [operation.multiarch, operation.fixed, operation.landed, operation.space];
        std::iter::once(operation.name.as_str().into()).chain(counts.map(Cell::Number)).collect()
    };
    Table {
        title: "The live address space: instructions of the same work, fences included, in sv39",
        columns: vec![
            "operation",
            "page_table_multiarch",
            "editor, sv39 fixed",
            "landed editor",
            "live address space",
        ],
        rows: measured.operations.iter().map(row).collect(),
    }
}

/// The table of steps that users see.
#[must_use]
pub fn steps_table(measured: &Measured) -> Table {
    let row = |step: &Step| vec![step.name.as_str().into(), Cell::Number(step.instructions)];
    Table {
        title: "The live address space: instructions of steps that tables alone lack",
        columns: vec!["step", "instructions"],
        rows: measured.steps.iter().map(row).collect(),
    }
}
