//! The tables of the documentation against those of the code, in both directions and in their
//! order.

use std::fs;
use std::path::Path;

use cargo_landfall::policy::KEYS;
use landfall_inspect::Code;

/// Returns the rows of the table that begins with `head`, each cut to the cells of `head`.
fn rows(page: &str, head: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let cells = head.matches('|').count();
    let first_cells = |row: &str| row.split_inclusive('|').take(cells).collect::<String>();
    let mut lines = text.lines().skip_while(|line| first_cells(line) != head);
    assert!(lines.next().is_some(), "{page} has no table that begins with {head}");
    lines.skip(1).take_while(|line| line.starts_with('|')).map(first_cells).collect()
}

#[test]
fn check_md_lists_every_code_of_a_finding() {
    let right = Code::ALL.map(|code| format!("| `{code}` | {} |", code.explanation().title));
    assert_eq!(rows("check.md", "| code | what is wrong |"), right);
}

#[test]
fn plan_md_lists_every_key_of_a_policy() {
    let right = KEYS.map(|key| format!("| `{}` | {} |", key.name, key.takes));
    assert_eq!(rows("plan.md", "| key | value |"), right);
}
