//! The paging mode chosen at run time, against a mode fixed when the kernel is compiled: the same
//! editor of tables, twice in one kernel.

use super::kernel::{self, Line};
use super::{CompareError, Table};
use anyhow::Error;
use landfall_host::build;
use landfall_host::machine::Mode;
use landfall_host::qemu::Qemu;

const KERNEL: &str = "compare-mode";

/// The cost of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The operation.
    pub name: String,
    /// Instructions with sv39 fixed.
    pub fixed: u64,
    /// Instructions with the mode chosen at run time.
    pub runtime: u64,
}

/// Builds and boots the kernel, which counts.
///
/// # Errors
/// [`Error`] where it does not build or run, or where an operation did not do what it should.
pub fn measure(qemu: &Qemu) -> Result<Vec<Operation>, Error> {
    let built = build::named(KERNEL)?;
    let mut machine = kernel::machine(&built.flat);
    machine.mode = Some(Mode::Sv39);
    machine.append = Some("nokaslr".into());
    let lines = kernel::boot(qemu, &machine, KERNEL)?;
    Ok(lines.iter().map(operation).collect::<Result<_, _>>()?)
}

fn operation(line: &Line) -> Result<Operation, CompareError> {
    kernel::check_exact(line)?;
    let name = line.text("op")?.replace('_', " ");
    let result = line.text("result")?;
    if result != "right" {
        return Err(CompareError::Different {
            what: name,
            found: result.to_owned(),
            other: "the machine".to_owned(),
            expected: "right".to_owned(),
        });
    }
    Ok(Operation { name, fixed: line.number("fixed")?, runtime: line.number("runtime")? })
}

/// The table that users see.
#[must_use]
pub fn table(operations: &[Operation]) -> Table {
    let row = |operation: &Operation| {
        let Operation { name, fixed, runtime } = operation;
        let more = runtime
            .checked_sub(*fixed)
            .map_or_else(|| format!("-{}", fixed - runtime), |more| format!("+{more}"));
        vec![name.as_str().into(), (*fixed).into(), (*runtime).into(), more.as_str().into()]
    };
    Table {
        title: "The mode: instructions of operations on live tables in sv39",
        columns: vec!["operation", "sv39 fixed", "chosen at run time", "difference"],
        rows: operations.iter().map(row).collect(),
    }
}
