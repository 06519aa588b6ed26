//! Claims of the documentation that the tables must show with any version of the compiler.

use crate::code::{self, Build, Lto, Model};
use crate::conversions::{self, Cost, Measured, Way};
use crate::mode;
use crate::placements::{self, Row};
use crate::space;
use crate::split;
use landfall_host::machine::Mode;
use landfall_host::qemu::Qemu;
use landfall_predict::units::Size;

/// The largest difference in the size of static code between link addresses: the linker may choose
/// a shorter instruction.
const FEW_BYTES: u64 = 64;

/// Returns an error, unless `holds`.
fn ensure(holds: impl FnOnce() -> bool, what: &str, found: &impl std::fmt::Debug) -> Result<(), String> {
    if holds() { Ok(()) } else { Err(format!("not so: {what}: {found:?}")) }
}

/// Checks the points of the comparison `code`.
///
/// # Errors
/// Returns the point that the measured table does not show.
pub fn code(qemu: &Qemu) -> Result<(), String> {
    let builds = code::measure(qemu).map_err(|error| error.to_string())?;
    let get = |model, lto| {
        let found = builds.iter().find(|build: &&Build| build.model == model && build.lto == lto);
        found.map(|build| &build.counts).ok_or_else(|| format!("no build {model:?}, {lto:?}"))
    };
    for lto in Lto::ALL {
        let (fixed, relr) = (get(Model::Fixed, lto)?, get(Model::Relr, lto)?);
        let pair = (fixed, relr);
        ensure(|| fixed.text.abs_diff(relr.text) <= FEW_BYTES, "RELR leaves the code as it is", &pair)?;
        ensure(|| fixed.got_entries + relr.got_entries == 0, "static code has no GOT", &pair)?;
        ensure(|| fixed.relocations == 0 && relr.relocations > 0, "only RELR relocates", &pair)?;
        ensure(
            || fixed.instructions.abs_diff(relr.instructions) * 1000 < fixed.instructions,
            "same work",
            &pair,
        )?;
    }
    let (relr, pic) = (get(Model::Relr, Lto::Off)?, get(Model::Pic, Lto::Off)?);
    let pair = (relr, pic);
    ensure(|| pic.got_entries > 0 && pic.got_loads >= pic.got_entries, "PIC has a GOT", &pair)?;
    ensure(|| pic.executed_got_loads > 0, "the workload loads from it", &pair)?;
    ensure(|| pic.relocations > relr.relocations, "its entries are relocated too", &pair)?;
    let optimized = get(Model::Pic, Lto::Fat)?;
    ensure(|| optimized.got_loads < pic.got_loads, "link-time optimisation removes loads", &(pic, optimized))
}

/// Checks the points of the comparison `conversions`.
///
/// # Errors
/// Returns the point that the measured table does not show.
pub fn conversions(qemu: &Qemu) -> Result<(), String> {
    let measured = conversions::measure(qemu).map_err(|error| error.to_string())?;
    let Measured { functions, loops, rounds } = &measured;
    for cost in functions {
        match cost.way {
            Way::Patched => ensure(|| cost.loads == 0, "a patched conversion has no load", cost)?,
            Way::Variable => ensure(|| cost.loads >= 1, "a variable is loaded", cost)?,
        }
    }
    for cost in loops {
        let Cost { what, way, instructions, loads } = cost;
        ensure(|| instructions >= rounds, "a round takes an instruction", cost)?;
        match way {
            Way::Patched => ensure(|| *loads == 0, "a patched loop has no load", cost)?,
            Way::Variable if what.contains("barrier") => {
                ensure(|| loads >= rounds, "a barrier makes every round load", cost)?;
            }
            Way::Variable => {
                ensure(|| *loads >= 1 && loads < rounds, "the variable is kept in a register", cost)?;
            }
        }
    }
    ensure(|| functions.len() == 10 && loops.len() == 8, "everything is measured", &measured)
}

/// Checks the points of the comparison `mode`.
///
/// # Errors
/// Returns the point that the measured table does not show.
pub fn mode(qemu: &Qemu) -> Result<(), String> {
    let operations = mode::measure(qemu).map_err(|error| error.to_string())?;
    ensure(|| operations.len() >= 14, "everything is measured", &operations)?;
    let sum = |count: fn(&mode::Operation) -> u64| operations.iter().map(count).sum::<u64>();
    let (fixed, runtime) = (sum(|operation| operation.fixed), sum(|operation| operation.runtime));
    ensure(
        || fixed > 0 && runtime.abs_diff(fixed) * 4 < fixed,
        "a mode chosen at run time costs little",
        &operations,
    )
}

/// Checks the points of the comparison `space`.
///
/// # Errors
/// Returns the point that the measured table does not show.
pub fn space(qemu: &Qemu) -> Result<(), String> {
    let measured = space::measure(qemu).map_err(|error| error.to_string())?;
    let space::Measured { operations, steps } = &measured;
    ensure(|| operations.len() == 12 && steps.len() == 4, "everything is measured", &measured)?;
    for operation in operations {
        let space::Operation { name, multiarch, fixed, landed, space } = operation;
        if name.ends_with("64 pages") || name.ends_with("512 pages") {
            let is_less = || fixed.max(landed) * 10 < multiarch * 6;
            ensure(is_less, "for many pages the editor costs at most 60 %", operation)?;
        }
        // Another compiler may take an instruction more.
        ensure(|| fixed * 20 <= multiarch * 21, "the editor costs no more", operation)?;
        ensure(|| space > landed, "guards, lock and fence cost something", operation)?;
    }
    ensure(|| steps.iter().all(|step| step.instructions > 0), "instructions are counted", steps)
}

/// Checks the points of the comparison `placements`.
///
/// # Errors
/// Returns the point that the measured table does not show.
pub fn placements() -> Result<(), String> {
    let rows =
        placements::measure(&[Mode::Sv39], &[Size::gib(16)], |_| {}).map_err(|error| error.to_string())?;
    let get = |name: &str| {
        rows.iter().find(|row| row.layout == name).ok_or_else(|| format!("no layout \"{name}\""))
    };
    let number = |row: &Row, pointer: &str| row.report.get(pointer).and_then(serde_json::Value::as_u64);
    let leaves = |row: &Row| {
        let counts = row.report.get("/linear_map/leaves").and_then(serde_json::Value::as_object);
        counts.into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum::<u64>()
    };
    let (own, inside) = (get("own region, read-only alias")?, get("in the linear map")?);
    ensure(|| leaves(own) == leaves(inside), "an alias cuts what a kernel inside cuts", &(own, inside))?;
    let absent = get("own region, no alias")?;
    ensure(|| leaves(absent) < leaves(own), "what is not mapped needs no leaves", &(absent, own))?;
    let (elsewhere, packed) =
        (get("own region, loaded elsewhere")?, get("own region, loaded elsewhere, packed")?);
    ensure(|| leaves(elsewhere) > leaves(own), "elsewhere another gigabyte is split", &(elsewhere, own))?;
    ensure(|| rows.iter().all(|row| leaves(packed) <= leaves(row)), "packed has the fewest leaves", &rows)?;
    let fixed = get("fixed, one layout for all modes")?;
    let bits = |row: &Row| number(row, "/kaslr/kernel_bits").zip(number(row, "/kaslr/linear_map_bits"));
    ensure(|| bits(fixed) == Some((0, 0)), "what is pinned is not random", fixed)?;
    ensure(|| rows.iter().all(|row| row.instructions > 0), "instructions are counted", &rows)
}

/// Checks the points of the comparison `split`, with one seed.
///
/// # Errors
/// Returns the point that the counts do not show.
pub fn split() -> Result<(), String> {
    let rows = split::measure(1, |_| {}).map_err(|error| error.to_string())?;
    let reads = |part: &str, layout: &str| {
        let row = rows.iter().find(|row| row.part == part && row.layout == layout);
        row.map(|row| row.reads.mean).ok_or_else(|| format!("no layout \"{layout}\" on {part}"))
    };
    for part in ["C910", "U74, second level for 4 KiB", "U74, second level for all leaves", "Rocket"] {
        let own = reads(part, "own region, read-only alias")?;
        for other in ["own region, no alias", "in the linear map", "own region, loaded elsewhere, packed"] {
            let found = (part, other, own, reads(part, other)?);
            ensure(
                || found.3.abs_diff(own) * 20 < own,
                "beside the firmware the placement is no matter",
                &found,
            )?;
        }
        for other in ["own region, loaded elsewhere", "in the linear map, loaded elsewhere"] {
            let found = (part, other, own, reads(part, other)?);
            ensure(|| found.3 > own, "another split gigabyte costs walks", &found)?;
        }
        let elsewhere = reads(part, "own region, loaded elsewhere")?;
        let two = reads(part, "leaves of 2 MiB at most, as Linux")?;
        let small = reads(part, "leaves of 4 KiB, the bound")?;
        ensure(
            || elsewhere < two && two < small,
            "smaller leaves cost more",
            &(part, elsewhere, two, small),
        )?;
    }
    Ok(())
}
