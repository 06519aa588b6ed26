//! Code models: one workload, built in three ways, each with and without link-time optimization.
//!
//! | build | code | linked | relocated at start |
//! |---|---|---|---|
//! | fixed | static | the address where it runs | nothing |
//! | RELR | the same | as PIE at another address, as `landfall-build` does | slots with pointers |
//! | PIC | position-independent, with a GOT | as RELR | slots with pointers, the GOT among them |
//!
//! `core` comes precompiled with the target, as static code: without link-time optimization it is
//! the same in all three.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use landfall_image::relr;
use serde_json::Value;

use super::instructions::{self, Instruction};
use super::kernel::{self, Line, Section};
use super::{Cell, CompareError, Table, got, trace};
use anyhow::Error;
use landfall_host::build;
use landfall_host::kernel::cargo;
use landfall_host::measure::MeasureError;
use landfall_host::qemu::Qemu;
use landfall_host::symbols::Symbols;
use landfall_predict::units::Address;

const KERNEL: &str = "compare-code";

/// The workload.
const WORK: &str = "compare_workload::run";

/// The address at which the bare kernel runs, with any link address.
const RUNS_AT: Address = Address(0x8020_0000);

/// A code model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// Static code, linked where it runs.
    Fixed,
    /// Static code, relocated by RELR.
    Relr,
    /// Position-independent code.
    Pic,
}

/// Link-time optimization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lto {
    /// None.
    Off,
    /// Of all crates together, `core` included.
    Fat,
}

/// One build, and its measurements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// Its code model.
    pub model: Model,
    /// Its link-time optimization.
    pub lto: Lto,
    /// The measurements.
    pub counts: Counts,
}

/// The measurements of a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Bytes of `.text`.
    pub text: u64,
    /// Entries of the GOT, without the first, which the linker keeps for itself.
    pub got_entries: u64,
    /// Instructions in `.text` that load from the GOT.
    pub got_loads: u64,
    /// Words that are relocated at start.
    pub relocations: u64,
    /// Instructions that the workload executes.
    pub instructions: u64,
    /// Those of them that load, from the stack too.
    pub executed_loads: u64,
    /// Those of them that load from the GOT.
    pub executed_got_loads: u64,
    /// The workload's result.
    pub checksum: String,
}

impl Model {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Fixed, Self::Relr, Self::Pic];

    /// Returns the name in the kernel's build script and in the tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Relr => "relr",
            Self::Pic => "pic",
        }
    }

    const fn relocation_model(self) -> &'static str {
        match self {
            Self::Fixed | Self::Relr => "-Crelocation-model=static",
            Self::Pic => "-Crelocation-model=pic",
        }
    }
}

impl Lto {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Off, Self::Fat];

    /// Returns Cargo's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Fat => "fat",
        }
    }
}

/// Builds and runs all six.
///
/// # Errors
/// [`Error`] where one does not build or run, or where two come to different checksums.
pub fn measure(qemu: &Qemu) -> Result<Vec<Build>, Error> {
    let target = target_directory()?;
    let mut builds: Vec<Build> = Vec::new();
    for lto in Lto::ALL {
        for model in Model::ALL {
            let found = measure_one(qemu, &target, model, lto)?;
            if let Some(first) = builds.first() {
                let as_name = |model: Model, lto: Lto| format!("{} with LTO {}", model.name(), lto.name());
                let (this, other) = (as_name(model, lto), as_name(first.model, first.lto));
                found.counts.agree(&this, &first.counts, &other)?;
            }
            builds.push(found);
        }
    }
    Ok(builds)
}

/// The table that users see.
#[must_use]
pub fn table(builds: &[Build]) -> Table {
    let row = |build: &Build| {
        let names = [build.model.name().into(), build.lto.name().into()];
        names.into_iter().chain(build.counts.cells()).collect()
    };
    Table {
        title: "Code models: one workload across crates, paging off",
        columns: ["code", "LTO"].into_iter().chain(Counts::COLUMNS).collect(),
        rows: builds.iter().map(row).collect(),
    }
}

fn measure_one(qemu: &Qemu, target: &Path, model: Model, lto: Lto) -> Result<Build, Error> {
    let elf = build_kernel(target, model, lto)?;
    Ok(Build { model, lto, counts: count(qemu, &elf, WORK)? })
}

impl Counts {
    /// The titles of their columns.
    pub(super) const COLUMNS: [&str; 7] = [
        "text, bytes",
        "relocations",
        "GOT entries",
        "GOT loads in the text",
        "instructions executed",
        "loads",
        "GOT loads",
    ];

    /// Returns their cells.
    pub(super) fn cells(&self) -> [Cell; 7] {
        [
            self.text.into(),
            self.relocations.into(),
            self.got_entries.into(),
            self.got_loads.into(),
            self.instructions.into(),
            self.executed_loads.into(),
            self.executed_got_loads.into(),
        ]
    }

    /// Checks that two builds of one source come to the same result.
    pub(super) fn agree(&self, this: &str, with: &Self, other: &str) -> Result<(), CompareError> {
        if self.checksum == with.checksum {
            return Ok(());
        }
        Err(CompareError::Different {
            what: format!("the workload as {this}"),
            found: self.checksum.clone(),
            other: format!("as {other}"),
            expected: with.checksum.clone(),
        })
    }
}

/// Boots a build, and counts. `work` is the symbol of the workload.
pub(super) fn count(qemu: &Qemu, elf: &Path, work: &'static str) -> Result<Counts, Error> {
    let [text, got, relr] = kernel::sections(elf, [".text", ".got", ".relr.dyn"])?;
    let machine = kernel::machine(elf);
    let lines = kernel::boot(qemu, &machine, KERNEL)?;
    // A kernel that printed something printed this first.
    let line: &Line = &lines[0];
    kernel::check_exact(line)?;

    let got_range = got.address..got.address + got.bytes.len() as u64;
    let loads = got::loads(&text.bytes, text.address, &got_range);
    let entries: BTreeSet<u64> = loads.iter().map(|load| load.entry).collect();
    let got_entries = (got.bytes.len() as u64 / 8).saturating_sub(1);
    if (entries.len() as u64) < got_entries {
        let what = format!("{got_entries} GOT entries, and loads from {} were found", entries.len());
        return Err(lacks(elf, what).into());
    }

    let place = Symbols::read(elf).map_err(MeasureError::from)?.find(work).map(|symbol| symbol.address);
    let place = place.ok_or_else(|| lacks(elf, format!("no symbol {work}")))?;
    let trace = trace::record(qemu, &machine, &text, RUNS_AT)?;
    let executed = trace.call(work, place)?;
    let instructions = line.number("instructions")?;
    if executed.len() as u64 != instructions {
        return Err(CompareError::Different {
            what: "instret".to_owned(),
            found: instructions.to_string(),
            other: "QEMU's log".to_owned(),
            expected: executed.len().to_string(),
        }
        .into());
    }
    let places: BTreeSet<_> = loads.iter().map(|load| trace.runs_at(Address(load.at))).collect();
    let is_load = |pc: &&Address| {
        let first = instructions::read(trace.code(**pc, 4)).first().copied();
        matches!(first, Some(Instruction::Load | Instruction::LoadFromStack))
    };
    Ok(Counts {
        text: text.bytes.len() as u64,
        got_entries,
        got_loads: loads.len() as u64,
        relocations: relocations(&relr),
        instructions,
        executed_loads: executed.iter().filter(is_load).count() as u64,
        executed_got_loads: executed.iter().filter(|pc| places.contains(pc)).count() as u64,
        checksum: line.text("checksum")?.to_owned(),
    })
}

fn lacks(elf: &Path, what: String) -> CompareError {
    CompareError::Elf { kernel: elf.display().to_string(), what }
}

fn relocations(relr: &Section) -> u64 {
    relr::count(relr.bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)))
}

/// Each build has a directory of its own, so that none builds another anew.
fn build_kernel(target: &Path, model: Model, lto: Lto) -> Result<PathBuf, Error> {
    let directory = target.join("compare").join(format!("{}-{}", model.name(), lto.name()));
    let elf = build::unsealed(KERNEL, |cargo| {
        cargo.arg("--target-dir").arg(directory);
        cargo.env("LANDFALL_COMPARE_MODEL", model.name());
        cargo.env("CARGO_PROFILE_RELEASE_LTO", lto.name());
        // All that a user's own flags could change is set here.
        cargo.env_remove("CARGO_ENCODED_RUSTFLAGS").env("RUSTFLAGS", model.relocation_model());
    })?;
    Ok(elf)
}

/// Builds the kernel with the workload in C, compiled by `command` with its arguments.
pub(super) fn build_c(name: &str, command: &str) -> Result<PathBuf, Error> {
    let directory = target_directory()?.join("compare").join(name);
    let elf = build::unsealed(KERNEL, |cargo| {
        cargo.arg("--target-dir").arg(directory);
        cargo.env("LANDFALL_COMPARE_MODEL", Model::Relr.name()).env("LANDFALL_COMPARE_C", command);
        cargo.env("CARGO_PROFILE_RELEASE_LTO", Lto::Off.name());
        cargo.env_remove("CARGO_ENCODED_RUSTFLAGS").env("RUSTFLAGS", Model::Relr.relocation_model());
    })?;
    Ok(elf)
}

/// Returns Cargo's folder of build results.
fn target_directory() -> Result<PathBuf, Error> {
    let failed = |source| Error::new(source).context("cannot ask cargo for its directory");
    let mut command = cargo();
    command.args(["metadata", "--no-deps", "--format-version", "1"]).stdin(Stdio::null());
    let output = command.stderr(Stdio::inherit()).output().map_err(failed)?;
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| failed(error.into()))?;
    Ok(metadata["target_directory"].as_str().unwrap_or("target").into())
}
