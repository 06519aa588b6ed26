//! Findings for people. Names come from the checked file, so every line that may hold one is
//! escaped.

use std::collections::BTreeMap;
use std::fmt;

use landfall_inspect::inspection::Unchecked;
use landfall_inspect::{Code, Escaped, Kind, PlacedFinding};

use super::Checked;

/// More places of one code are counted and not listed; `--format json` has them.
const LISTED: usize = 8;

/// Everything: findings, what is accepted, what was not checked, and a line that sums it up.
#[derive(Debug)]
pub struct Full<'a>(pub &'a Checked);

/// The findings that count, as the message of an error.
#[derive(Debug)]
pub struct Findings<'a>(pub &'a Checked);

/// Something that was not checked, and why.
#[derive(Debug)]
pub struct Left<'a>(pub &'a Unchecked);

impl fmt::Display for Left<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Unchecked { what, because }) = self;
        write!(f, "not checked: {what}, because {}", Escaped::new(because))
    }
}

impl fmt::Display for Full<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(checked) = self;
        writeln!(f, "{}: {}", checked.path.display(), checked.kind.text())?;
        for feature in checked.missing.iter() {
            writeln!(f, "compiled out: {feature}; {}", feature.loss())?;
        }
        findings(f, checked)?;
        for line in accepted(checked) {
            writeln!(f, "{line}")?;
        }
        for unused in &checked.judgement.unused {
            write!(f, "accepted and not found: {}", unused.code)?;
            if let Some(symbol) = &unused.symbol {
                write!(f, " in {}", Escaped::new(symbol.as_ref()))?;
            }
            writeln!(f, " ({})", Escaped::new(unused.reason.as_ref()))?;
        }
        for unchecked in &checked.unchecked {
            writeln!(f, "{}", Left(unchecked))?;
        }
        summary(f, checked)
    }
}

impl fmt::Display for Findings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(checked) = self;
        let purpose = if checked.kind == Kind::Module { "to be loaded" } else { "to boot" };
        writeln!(f, "{} is not fit {purpose}:", checked.path.display())?;
        findings(f, checked)?;
        summary(f, checked)
    }
}

/// Returns a line for each code that is accepted.
#[must_use]
pub fn accepted(checked: &Checked) -> Vec<String> {
    let mut lines: BTreeMap<(Code, &str), usize> = BTreeMap::new();
    for placed in &checked.judgement.findings {
        if let Some(reason) = &placed.accepted {
            *lines.entry((placed.finding.code, reason)).or_default() += 1;
        }
    }
    let line = |((code, reason), count)| match count {
        1 => format!("accepted: {code}: {}", Escaped::new(reason)),
        count => format!("accepted: {code}, {count} times: {}", Escaped::new(reason)),
    };
    lines.into_iter().map(line).collect()
}

fn findings(f: &mut fmt::Formatter<'_>, checked: &Checked) -> fmt::Result {
    for code in Code::ALL {
        let is_open = |placed: &&PlacedFinding| placed.finding.code == code && placed.accepted.is_none();
        let open: Vec<_> = checked.judgement.findings.iter().filter(is_open).collect();
        if open.is_empty() {
            continue;
        }
        let story = code.explanation();
        writeln!(f, "\n{code}: {}", story.title)?;
        for placed in open.iter().take(LISTED) {
            finding(f, placed)?;
        }
        let all = open.len() + checked.judgement.lost.get(&code).copied().unwrap_or_default();
        if let Some(more) = all.checked_sub(LISTED).filter(|more| *more != 0) {
            writeln!(f, "  and {more} more")?;
        }
        writeln!(f, "  why: {}", story.why)?;
        for (index, fix) in story.fixes.iter().enumerate() {
            let lead = if index == 0 { "what to do:" } else { "        or:" };
            writeln!(f, "  {lead} {fix}")?;
        }
        writeln!(f)?;
    }
    Ok(())
}

fn finding(f: &mut fmt::Formatter<'_>, placed: &PlacedFinding) -> fmt::Result {
    writeln!(f, "  {}", placed.place)?;
    writeln!(f, "      {}", Escaped::new(&placed.finding.found))?;
    if let Some(hint) = &placed.finding.hint {
        writeln!(f, "      {}", Escaped::new(hint.as_ref()))?;
    }
    for (index, place) in placed.chain.iter().enumerate() {
        let lead = if index == 0 { "reached from" } else { "        then" };
        writeln!(f, "      {lead} {place}")?;
    }
    Ok(())
}

fn summary(f: &mut fmt::Formatter<'_>, checked: &Checked) -> fmt::Result {
    let judgement = &checked.judgement;
    match judgement.open {
        0 => write!(f, "no findings")?,
        1 => write!(f, "1 finding")?,
        count => write!(f, "{count} findings")?,
    }
    write!(f, ", {} accepted, {} not checked", judgement.accepted, checked.unchecked.len())
}
