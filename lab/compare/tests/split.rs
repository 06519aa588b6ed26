//! The documentation shows the committed result of `cargo compare split`.

use std::fs;
use std::path::{Path, PathBuf};

use landfall_compare::split;

const RESULT: &str = "docs/images/split-gigabyte.json";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

fn page() -> String {
    fs::read_to_string(path("docs/performance.md")).expect("the page")
}

/// Returns the table without its title.
fn rows(table: &str) -> &str {
    table.split_once("\n\n").expect("a title and a table").1
}

#[test]
fn the_chart_of_the_documents_is_that_of_the_result() {
    let rows = split::earlier(&path(RESULT)).expect("the result");
    let committed = fs::read_to_string(path("docs/images/split-gigabyte.svg")).expect("the chart");
    assert!(
        split::chart(&rows) == committed,
        "the chart is out of date; run `cargo compare split --earlier {RESULT} --format svg > docs/images/split-gigabyte.svg`"
    );
}

#[test]
fn the_table_of_the_documents_is_that_of_the_result() {
    let table = split::table(&split::earlier(&path(RESULT)).expect("the result")).to_string();
    assert!(page().contains(rows(&table)), "the table is out of date; it is now:\n{table}");
}

#[test]
fn the_documents_name_the_source_of_each_number() {
    let table = split::facts().to_string();
    assert!(page().contains(rows(&table)), "the table is out of date; it is now:\n{table}");
}
