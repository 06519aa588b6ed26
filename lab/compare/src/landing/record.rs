//! The recorded counts, and the counts that deviate from them.

use serde_json::Value;

use crate::{Cell, Table};

/// The record, from the root of the checkout. `cargo compare landing --format json` writes it.
pub const RECORD: &str = "docs/performance.json";

/// The column that is compared.
const COMPARED: &str = "total";

/// A count may differ by one part in so many.
const TOLERANCE: u64 = 50;

/// Returns a line for each row whose total differs from the recorded one by more than 2 %, and for
/// each row that the record lacks.
#[must_use]
pub fn deviations(record: &Value, measured: &[Table]) -> Vec<String> {
    let rows = measured.iter().flat_map(|table| table.rows.iter().map(move |row| (table, row)));
    rows.filter_map(|(table, row)| deviation(record, table, row)).collect()
}

fn deviation(record: &Value, table: &Table, row: &[Cell]) -> Option<String> {
    let column = table.columns.iter().position(|column| *column == COMPARED)?;
    let (Some(Cell::Text(name)), Some(Cell::Number(total))) = (row.first(), row.get(column)) else {
        return None;
    };
    let tables = record["landing"].as_array().into_iter().flatten();
    let mut rows = tables
        .filter(|recorded| recorded["title"] == table.title)
        .flat_map(|recorded| recorded["rows"].as_array().into_iter().flatten());
    let row = rows.find(|row| row[table.columns[0]] == name.as_str());
    let Some(recorded) = row.and_then(|row| row[COMPARED].as_u64()) else {
        return Some(format!("{}: {name}: {total} instructions, and no record", table.title));
    };
    let differs = total.abs_diff(recorded) * TOLERANCE > recorded;
    differs.then(|| format!("{}: {name}: {total} instructions, {recorded} recorded", table.title))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, total: u64) -> Table {
        let rows = vec![vec![name.into(), Cell::Number(total), Cell::Number(7)]];
        Table { title: "T", columns: vec!["machine", "total", "tree"], rows }
    }

    #[test]
    fn more_than_two_percent_deviate() {
        let record = serde_json::json!({ "landing": [table("a", 10_000).to_json()] });
        let found = |name, total| deviations(&record, &[table(name, total)]).len();
        assert_eq!([found("a", 9800), found("a", 10_000), found("a", 10_200)], [0, 0, 0]);
        assert_eq!([found("a", 9799), found("a", 10_201), found("b", 10_000)], [1, 1, 1]);
    }
}
