//! Compares designs side by side; each number comes from a build and a boot that this crate makes.
//!
//! ```text
//! landing       instructions by part, by machine and kernel
//! placements    where the kernel lies in the address space
//! code          fixed address, static code with RELR, position-independent code
//!   c_code      the same question for C
//! conversions   patched immediates, static variables
//! paths         from reset to `main` by each firmware and loader
//! mode          the paging mode chosen at run time, or fixed
//! modules       the cost of loading modules
//! kexec         the cost of starting another kernel
//! split         misses of translation caches, by the layout of the address space
//! space         mappings by other tables, by the editor, by the live address space
//! sizes         landfall's parts, each left out
//!
//! kernel        builds a measuring kernel, boots it, reads what it says
//! got           instructions that load from a GOT
//! trace         what a kernel executes, instruction by instruction
//! instructions  what an instruction is
//! table         rows and columns, as Markdown and JSON
//! ```
//!
//! The machine is QEMU's `virt` with one hart under `-icount shift=0`, which makes `instret` exact.
//! Only `split` runs on the simulator `landfall-hart`.

pub mod c_code;
pub mod code;
pub mod conversions;
mod got;
mod instructions;
mod kernel;
pub mod kexec;
pub mod landing;
pub mod mode;
pub mod modules;
pub mod paths;
pub mod placements;
pub mod points;
pub mod sizes;
pub mod space;
pub mod split;
mod table;
mod trace;

use std::path::PathBuf;
use std::process::Stdio;

use clap::ValueEnum;
use serde_json::{Map, Value};
use thiserror::Error;

use landfall_host::last_lines::LastLines;
use landfall_host::output;
use landfall_host::qemu::Qemu;
use landfall_host::setup;

pub use table::{Cell, Table};

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Comparison {
    /// The landing: its instructions by part, by machine, harts, ranges of memory and kernel
    Landing,
    /// Placements: a region of its own, the linear map, one fixed layout, in each mode at three
    /// sizes of RAM
    Placements,
    /// Code models: a fixed address, static code with RELR, position-independent code
    Code,
    /// Conversions of addresses: patched immediates, static variables
    Conversions,
    /// The paging mode: chosen at run time, fixed when compiled
    Mode,
    /// The live address space: its mappings beside those of `page_table_multiarch` and of the
    /// editor, a shootdown, a switch
    Space,
    /// Modules: loading and unloading, by size and number of relocations
    Modules,
    /// Start of another kernel: its plan and its jump, by the size of the next image
    Kexec,
    /// Boot paths: from reset to `main` by each firmware and boot loader; what is missing is
    /// fetched from Debian's archive
    Paths,
    /// Sizes: the kernel without each part of landfall that can be left out
    Sizes,
    /// The cost of a split gigabyte: misses of a model of translation caches, by layout of the
    /// address space, on the simulator
    Split,
}

impl Comparison {
    /// All of them, in the order of the output.
    pub const ALL: [Self; 11] = [
        Self::Landing,
        Self::Placements,
        Self::Code,
        Self::Conversions,
        Self::Mode,
        Self::Space,
        Self::Modules,
        Self::Kexec,
        Self::Paths,
        Self::Sizes,
        Self::Split,
    ];

    /// The name on the command line, and the key in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Landing => "landing",
            Self::Placements => "placements",
            Self::Code => "code",
            Self::Conversions => "conversions",
            Self::Mode => "mode",
            Self::Space => "space",
            Self::Modules => "modules",
            Self::Kexec => "kexec",
            Self::Paths => "paths",
            Self::Sizes => "sizes",
            Self::Split => "split",
        }
    }

    /// Builds, boots and measures.
    fn tables(self, qemu: &Qemu) -> anyhow::Result<Vec<Table>> {
        match self {
            Self::Landing => landing::tables(qemu, &landing::Case::all(), |line| output::note(line)),
            Self::Placements => Ok(vec![placements::table(&placements::measure(
                &placements::MODES,
                &placements::MEMORY,
                |line| output::note(line),
            )?)]),
            Self::Code => {
                let c = c_code::measure(qemu)?;
                Ok(vec![code::table(&code::measure(qemu)?), c_code::table(&c)])
            }
            Self::Conversions => {
                let measured = conversions::measure(qemu)?;
                Ok(vec![conversions::functions_table(&measured), conversions::loops_table(&measured)])
            }
            Self::Mode => Ok(vec![mode::table(&mode::measure(qemu)?)]),
            Self::Space => {
                let measured = space::measure(qemu)?;
                Ok(vec![space::operations_table(&measured), space::steps_table(&measured)])
            }
            Self::Modules => Ok(vec![modules::table(&modules::measure(qemu)?)]),
            Self::Kexec => Ok(vec![kexec::table(qemu)?]),
            Self::Paths => Ok(vec![paths::table(qemu)?]),
            Self::Sizes => Ok(vec![sizes::table()?]),
            Self::Split => {
                let rows = split::measure(split::SEEDS, |line| output::note(line))?;
                Ok(vec![split::table(&rows), split::facts()])
            }
        }
    }
}

/// The form of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// A Markdown table for each comparison, as it is done
    Text,
    /// One JSON object at the end: the tables by comparison, and the versions of QEMU and Rust
    Json,
    /// A chart, of the comparison `split`
    Svg,
}

/// A request of comparisons.
#[derive(Clone, Debug)]
pub struct ComparisonRequest {
    /// One comparison, or all.
    pub comparison: Option<Comparison>,
    /// The form of the result.
    pub format: TableFormat,
    /// The JSON of an earlier comparison `split`, to be shown again.
    pub earlier: Option<PathBuf>,
}

/// Why there is nothing to compare.
#[derive(Debug, Error)]
pub enum CompareError {
    /// A measuring kernel did not say what it had measured.
    #[error("the kernel `{kernel}` did not report a measurement{last}")]
    Silent {
        /// The kernel.
        kernel: String,
        /// The last lines of the console.
        last: LastLines,
    },
    /// A kernel's line has no such number.
    #[error("the kernel `{kernel}` reports no {field} in \"{line}\"")]
    Field {
        /// The kernel.
        kernel: String,
        /// The missing field.
        field: &'static str,
        /// The line.
        line: String,
    },
    /// A function of one instruction was counted as another number.
    #[error("one instruction was counted as {counted}: the machine does not count exactly")]
    Inexact {
        /// That number.
        counted: u64,
    },
    /// Two builds of one source came to different results.
    #[error("{what} gives {found}, and {other} gives {expected}")]
    Different {
        /// The first build.
        what: String,
        /// Its result.
        found: String,
        /// The second build.
        other: String,
        /// The result of that.
        expected: String,
    },
    /// A kernel's ELF lacks something.
    #[error("the kernel `{kernel}` has {what}")]
    Elf {
        /// The kernel.
        kernel: String,
        /// The fault.
        what: String,
    },
    /// Only one comparison has a chart and shows earlier results.
    #[error("only the comparison `split` has a chart and an earlier result; add the word `split`")]
    SplitOnly,
    /// A function is not in QEMU's log as it should be.
    #[error("QEMU's log does not show what `{function}` executed: {what}")]
    Trace {
        /// The function.
        function: String,
        /// The event.
        what: &'static str,
    },
}

/// Compares, and prints tables.
///
/// # Errors
/// An error where a kernel does not build, does not run, or comes to a wrong result.
pub fn run(request: &ComparisonRequest) -> anyhow::Result<()> {
    if request.earlier.is_some() || request.format == TableFormat::Svg {
        return show_split(request);
    }
    setup::rust_target()?;
    let qemu = setup::qemu(setup::FOR_TEST)?;
    let mut object = Map::new();
    for comparison in Comparison::ALL {
        if request.comparison.is_some_and(|only| only != comparison) {
            continue;
        }
        let tables = comparison.tables(&qemu)?;
        match request.format {
            TableFormat::Text => tables.iter().for_each(output::result),
            TableFormat::Json => {
                let tables = tables.iter().map(Table::to_json).collect();
                object.insert(comparison.name().to_owned(), Value::Array(tables));
            }
            TableFormat::Svg => {}
        }
    }
    let versions = [("qemu", version(&mut qemu.command())), ("rustc", version(&mut kernel::rustc()))];
    match request.format {
        TableFormat::Text => versions.iter().for_each(|(_, version)| output::result(version)),
        TableFormat::Json => {
            object.extend(versions.map(|(name, version)| (name.to_owned(), version.into())));
            output::result(Value::Object(object));
        }
        TableFormat::Svg => {}
    }
    Ok(())
}

/// Shows the comparison `split`: an earlier result, or a chart.
fn show_split(request: &ComparisonRequest) -> anyhow::Result<()> {
    if request.comparison != Some(Comparison::Split) {
        return Err(CompareError::SplitOnly.into());
    }
    let rows = match &request.earlier {
        Some(earlier) => split::earlier(earlier)?,
        None => split::measure(split::SEEDS, |line| output::note(line))?,
    };
    match request.format {
        TableFormat::Text => [split::table(&rows), split::facts()].iter().for_each(output::result),
        TableFormat::Json => output::result(split::table(&rows).to_json()),
        TableFormat::Svg => output::result(split::chart(&rows).trim_end()),
    }
    Ok(())
}

/// The first line of what a program says to `--version`.
fn version(program: &mut std::process::Command) -> String {
    let output = program.arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown version").to_owned()
}
