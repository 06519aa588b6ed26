//! The recorded counts, the page that shows them, and the counts that deviate from them.

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Error};
use serde_json::Value;

use crate::{Cell, Table};

/// The record, from the root of the checkout. `cargo compare landing --record` writes it.
pub const RECORD: &str = "docs/performance.json";

/// The page that shows the record.
pub const PAGE: &str = "docs/performance.md";

/// The lines of the page around the tables.
const BEGIN: &str = "<!-- cargo compare landing --record -->\n";
const END: &str = "<!-- the end of the record -->\n";

/// Writes the record, and the tables of the page.
pub(super) fn write(tables: &[Table]) -> Result<(), Error> {
    let record = serde_json::json!({ "landing": tables.iter().map(Table::to_json).collect::<Vec<_>>() });
    let page = fs::read_to_string(PAGE).context(PAGE)?;
    let page =
        with_tables(&page, &shown(&record)).with_context(|| format!("{PAGE} has no place for tables"))?;
    fs::write(RECORD, format!("{record:#}\n")).context(RECORD)?;
    fs::write(PAGE, page).context(PAGE)
}

/// Returns the tables of a record as Markdown.
#[must_use]
pub fn shown(record: &Value) -> String {
    let tables = record["landing"].as_array().into_iter().flatten();
    tables.fold(String::new(), |mut text, table| {
        let rows: Vec<_> =
            table["rows"].as_array().into_iter().flatten().filter_map(Value::as_object).collect();
        let columns: Vec<&str> = rows.iter().take(1).flat_map(|row| row.keys()).map(String::as_str).collect();
        let cell = |value: &Value| match value.as_u64() {
            Some(number) => Cell::Number(number),
            None => value.as_str().unwrap_or_default().into(),
        };
        let cells = rows.iter().map(|row| row.values().map(cell).collect()).collect();
        let _ = writeln!(
            text,
            "\n**{}**\n\n{}",
            table["title"].as_str().unwrap_or_default(),
            body(&columns, cells)
        );
        text
    })
}

/// Returns a table without its title.
fn body(columns: &[&str], rows: Vec<Vec<Cell>>) -> String {
    let header = format!("| {} |", columns.join(" | "));
    let rules = rows.first().into_iter().flatten().map(|cell| match cell {
        Cell::Text(_) => "---",
        _ => "---:",
    });
    let rules = format!("|{}|", rules.collect::<Vec<_>>().join("|"));
    let row = |row: Vec<Cell>| {
        format!("|{}", row.iter().fold(String::new(), |text, cell| format!("{text} {cell} |")))
    };
    [header, rules].into_iter().chain(rows.into_iter().map(row)).collect::<Vec<_>>().join("\n")
}

/// Returns a page with these tables in the place of its own; `None` if it has no place for them.
#[must_use]
pub fn with_tables(page: &str, tables: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some([before, BEGIN, tables, "\n", END, after].concat())
}

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

    #[test]
    fn a_page_shows_the_record() {
        let record = serde_json::json!({ "landing": [table("a", 10_000).to_json()] });
        let page = [BEGIN, "old", END].concat();
        let page = with_tables(&page, &shown(&record)).expect("a place");
        let expected = "\n**T**\n\n| machine | total | tree |\n|---|---:|---:|\n| a | 10,000 | 7 |\n\n";
        assert_eq!(page, [BEGIN, expected, END].concat());
    }

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
