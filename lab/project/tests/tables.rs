//! The tables of the documentation against those of the code, in both directions and in their
//! order.

use std::fs;
use std::path::Path;

use landfall_inspect::Code;
use landfall_plan::Rule;
use landfall_predict::policy::KEYS;

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
    assert_eq!(rows("check.md", "| code | finding |"), right);
}

#[test]
fn audit_md_lists_every_code_of_a_finding() {
    let right = landfall_audit::Code::ALL.map(|code| format!("| `{code}` | {} |", code.explanation().title));
    assert_eq!(rows("audit.md", "| code | finding |"), right);
}

#[test]
fn plan_md_lists_every_key_of_a_policy() {
    let right = KEYS.map(|key| format!("| `{}` | {} |", key.name, key.takes));
    assert_eq!(rows("plan.md", "| key | value |"), right);
}

#[test]
fn boot_contract_md_lists_every_rule() {
    let rules = Rule::ALL.iter().map(|rule| format!("| {rule} | {} |", rule.broken_if()));
    let right: Vec<_> = rules.collect();
    assert_eq!(rows("boot-contract.md", "| rule | broken if |"), right);
}

#[test]
fn limine_md_lists_every_rule() {
    let right = landfall_limine::Refusal::RULES.map(|(rule, broken_if)| format!("| {rule} | {broken_if} |"));
    assert_eq!(rows("limine.md", "| rule | broken if |"), right);
}

#[test]
fn wrap_md_lists_every_rule_for_inner_kernels() {
    let rules = landfall_wrap::Rule::ALL.iter().map(|rule| format!("| {rule} | {} |", rule.broken_if()));
    let right: Vec<_> = rules.collect();
    assert_eq!(rows("wrap.md", "| rule | broken if |"), right);
}

#[test]
fn refusals_take_the_numbers_of_rules_from_their_table() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/landfall/src");
    let mut directories = vec![source.join("asm"), source.join("machine"), source.join("machine/efi")];
    let mut numbered = Vec::new();
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                let text = fs::read_to_string(&path).expect("text");
                let is_numbered = |line: &&str| {
                    ["refused R", "\"R"].iter().any(|start| {
                        let mut rest = line.split(start).skip(1);
                        rest.any(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
                    })
                };
                numbered.extend(
                    text.lines().filter(is_numbered).map(|line| format!("{}: {line}", path.display())),
                );
            }
        }
    }
    assert!(numbered.is_empty(), "write {{RULE_...}} in place of the number:\n{}", numbered.join("\n"));
}
