//! Counts of all seeds as rows of a table, and an earlier result.

use std::fs;
use std::path::Path;

use anyhow::{Context, Error};
use landfall_hart::tlb::{Counts, PARTS};
use serde_json::Value;

use super::layout;
use super::observe::Counted;
use crate::table::{Cell, Table};

const TITLE: &str = "Translation caches, per thousand accesses: mean (least to most) over the seeds; a model";
const COLUMNS: [&str; 5] = ["layout", "caches", "first-level misses", "second-level misses", "entries read"];

/// A layout on a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The layout of the address space.
    pub layout: String,
    /// The part.
    pub part: String,
    /// Misses of the first level.
    pub first: Spread,
    /// Misses of both levels: walks.
    pub second: Spread,
    /// Entries that walks read.
    pub reads: Spread,
}

/// A count per million accesses, over all seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// The mean.
    pub mean: u64,
    /// The least.
    pub least: u64,
    /// The most.
    pub most: u64,
}

/// The counts of all seeds.
#[derive(Debug, Default)]
pub(super) struct Rows {
    counted: Vec<Counted>,
}

impl Rows {
    pub(super) fn add(&mut self, counted: Vec<Counted>) {
        self.counted.extend(counted);
    }

    /// Returns the rows: by part, then by layout.
    pub(super) fn finish(&self) -> Vec<Row> {
        let all = PARTS.iter().flat_map(|part| layout::names().map(|layout| (layout, part.name)));
        all.filter_map(|(layout, part)| self.row(layout, part)).collect()
    }

    fn row(&self, layout: &str, part: &str) -> Option<Row> {
        let counts = self.counted.iter().filter(|counted| counted.layout == layout && counted.part == part);
        let counts: Vec<_> = counts.map(|counted| counted.counts).collect();
        let spread = |count: fn(&Counts) -> u64| Spread::of(&counts, count);
        Some(Row {
            layout: layout.to_owned(),
            part: part.to_owned(),
            first: spread(|counts| counts.first_misses)?,
            second: spread(|counts| counts.second_misses)?,
            reads: spread(|counts| counts.walk_reads)?,
        })
    }
}

impl Spread {
    fn of(counts: &[Counts], count: fn(&Counts) -> u64) -> Option<Self> {
        let values = counts.iter().map(|counts| count(counts) * 1_000_000 / counts.accesses().max(1));
        let values: Vec<_> = values.collect();
        let mean = values.iter().sum::<u64>().checked_div(values.len() as u64)?;
        Some(Self { mean, least: *values.iter().min()?, most: *values.iter().max()? })
    }

    fn read(value: &Value) -> Option<Self> {
        let number = |index: usize| value.get(index)?.as_u64();
        Some(Self { mean: number(0)?, least: number(1)?, most: number(2)? })
    }
}

impl From<Spread> for Cell {
    fn from(spread: Spread) -> Self {
        Self::PerMillion([spread.mean, spread.least, spread.most])
    }
}

/// The table that users see.
#[must_use]
pub fn table(rows: &[Row]) -> Table {
    let cells = |row: &Row| {
        let names = [row.layout.as_str(), &row.part].map(Cell::from);
        names.into_iter().chain([row.first, row.second, row.reads].map(Cell::from)).collect()
    };
    Table { title: TITLE, columns: COLUMNS.to_vec(), rows: rows.iter().map(cells).collect() }
}

/// Reads the rows of an earlier `cargo compare split --format json`.
///
/// # Errors
/// [`Error`] where the file is not such a result.
pub fn earlier(path: &Path) -> Result<Vec<Row>, Error> {
    let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let value: Value =
        serde_json::from_slice(&text).with_context(|| format!("{} is no JSON", path.display()))?;
    let rows = value.pointer("/split/0/rows").and_then(Value::as_array).into_iter().flatten();
    let rows: Option<Vec<Row>> = rows.map(read).collect();
    rows.filter(|rows| !rows.is_empty())
        .with_context(|| format!("{} is no result of `cargo compare split --format json`", path.display()))
}

fn read(row: &Value) -> Option<Row> {
    let text = |column: &str| row.get(column)?.as_str().map(str::to_owned);
    let spread = |column: &str| Spread::read(row.get(column)?);
    let [layout, part, first, second, reads] = COLUMNS;
    Some(Row {
        layout: text(layout)?,
        part: text(part)?,
        first: spread(first)?,
        second: spread(second)?,
        reads: spread(reads)?,
    })
}
