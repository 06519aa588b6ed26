//! The page.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::Outcomes;
use crate::compilers::{Compiler, Model};
use crate::pattern::Pattern;

/// The start of the line with the versions, which alone may differ.
pub(crate) const VERSIONS: &str = "Last written with: ";

const HEAD: &str = include_str!("head.in");

pub(crate) fn text(patterns: &[Pattern], outcomes: &Outcomes, versions: &[String]) -> String {
    let mut text = HEAD.to_owned();
    let _ = writeln!(text, "\n<!-- prose: list -->\n\n{VERSIONS}{}.", versions.join("; "));
    for (index, pattern) in patterns.iter().enumerate() {
        let _ = writeln!(text, "\n## {}\n\n{}\n", pattern.name, pattern.about);
        text.push_str("| | medany | medlow | PIC |\n|---|---|---|---|\n");
        for (compilers, cells) in rows(index, outcomes) {
            let _ = writeln!(text, "| {} | {} |", compilers.join(", "), cells.join(" | "));
        }
    }
    text
}

/// Compilers whose cells are the same share a row.
fn rows(pattern: usize, outcomes: &Outcomes) -> Vec<(Vec<&'static str>, Vec<String>)> {
    let mut rows = Vec::<(Vec<&str>, Vec<String>)>::new();
    for compiler in Compiler::ALL {
        let cells =
            Model::ALL.map(|model| outcomes.get(&(pattern, compiler, model)).map(ToString::to_string));
        let cells: Vec<_> = cells.into_iter().flatten().collect();
        if cells.is_empty() {
            continue;
        }
        match rows.iter_mut().find(|(_, others)| *others == cells) {
            Some((compilers, _)) => compilers.push(compiler.name()),
            None => rows.push((vec![compiler.name()], cells)),
        }
    }
    rows
}

/// Returns the lines that differ between two pages, without the versions.
pub(crate) fn differences(before: &str, now: &str) -> String {
    let lines = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with(VERSIONS)).map(str::to_owned).collect()
    };
    let (before, now) = (lines(before), lines(now));
    if before == now {
        return String::new();
    }
    let only = |these: &[String], those: &[String], sign: char| {
        let those: BTreeSet<_> = those.iter().collect();
        these.iter().filter(|line| !those.contains(line)).fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{sign} {line}");
            text
        })
    };
    let text = only(&before, &now, '-') + &only(&now, &before, '+');
    if text.is_empty() { "the same lines in another order\n".to_owned() } else { text }
}
