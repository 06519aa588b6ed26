//! Sizes of one kernel without each part of landfall that can be left out.

use std::fs;

use anyhow::Context;
use landfall_host::build;
use landfall_host::kernel::Package;
use landfall_predict::blueprint::Blueprint;

use crate::{Cell, Table};

/// The kernel `hello` with the features of the crate `landfall` as its own.
const KERNEL: &str = "features";

/// Sets of features, and their names in the table.
const SETS: [(&str, &str); 6] = [
    ("all", "acpi,report,relocate"),
    ("without `acpi`", "efi,report,relocate"),
    ("without `efi` and `acpi`", "report,relocate"),
    ("without `report`", "acpi,relocate"),
    ("without `relocate`", "acpi,report"),
    ("none of the four", ""),
];

/// Builds the kernel with each set of features.
///
/// # Errors
/// An error if the kernel does not build with a set.
pub fn table() -> anyhow::Result<Table> {
    let rows = SETS.map(|(name, features)| row(name, features));
    Ok(Table {
        title: "Sizes of `hello` by the features of landfall",
        columns: vec!["features", "image, bytes", "code, bytes", "slots"],
        rows: rows.into_iter().collect::<anyhow::Result<_>>()?,
    })
}

fn row(name: &'static str, features: &str) -> anyhow::Result<Vec<Cell>> {
    let mut package = Package::named(KERNEL);
    package.options.features.push(features.to_owned());
    let built = build::package(&package, &[])?;
    let image = fs::read(&built.flat).with_context(|| built.flat.display().to_string())?;
    let blueprint = Blueprint::of_image(&image)?;
    let numbers = [image.len() as u64, blueprint.parts.text, blueprint.slots];
    Ok([Cell::from(name)].into_iter().chain(numbers.map(Cell::from)).collect())
}
