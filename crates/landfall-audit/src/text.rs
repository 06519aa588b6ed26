//! An audit as text.

use std::fmt;

use crate::audit::{Audit, RootAudit};
use crate::bytes::Bytes;
use crate::compare::{Difference, Differences, Mapping};
use crate::finding::Finding;
use crate::kind::Kind;
use crate::leaf::LeafCounts;
use crate::region::{Part, Region, Split};

/// More lines of one kind are counted and not printed; JSON has them.
const LISTED: usize = 8;

/// The regions of user mode in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UserRegions {
    /// All in one line.
    #[default]
    Summary,
    /// Each, as those of the kernel.
    Listed,
}

/// An audit as text.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    audit: &'a Audit,
    user: UserRegions,
}

impl Audit {
    /// Returns the audit as text.
    #[must_use]
    pub const fn text(&self, user: UserRegions) -> Text<'_> {
        Text { audit: self, user }
    }
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text(UserRegions::Listed).fmt(f)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { audit, user } = *self;
        for (number, root) in audit.roots.iter().enumerate() {
            write_root(f, number, root, user)?;
        }
        audit.write_findings(f)?;
        for unchecked in &audit.unchecked {
            writeln!(f, "not checked: {}, because {}", unchecked.code, unchecked.because)?;
        }
        let cost = audit.cost;
        let total = audit.findings.total();
        let again = if cost.repeats == 0 { String::new() } else { format!(", again {}", cost.repeats) };
        writeln!(f, "read: tables {}{again}, bytes {}, entries {}", cost.tables, cost.bytes, cost.entries)?;
        match total {
            0 => writeln!(f, "no findings"),
            1 => writeln!(f, "1 finding"),
            total => writeln!(f, "{total} findings"),
        }
    }
}

impl Audit {
    fn write_findings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for code in self.findings.codes() {
            let story = code.explanation();
            writeln!(f, "{code}: {}", story.title)?;
            let kept = self.findings.kept().iter().filter(|finding| finding.code == code);
            kept.take(LISTED).try_for_each(|finding| write_finding(f, finding))?;
            more(f, self.findings.count(code))?;
            writeln!(f, "  why: {}", story.why)?;
            for (index, fix) in story.fixes.iter().enumerate() {
                let lead = if index == 0 { "what to do:" } else { "        or:" };
                writeln!(f, "  {lead} {fix}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn write_root(
    f: &mut fmt::Formatter<'_>,
    number: usize,
    audit: &RootAudit,
    user: UserRegions,
) -> fmt::Result {
    let RootAudit { root, origin, tables, tables_of_several, tables_of_none, .. } = audit;
    writeln!(f, "root {number}: {} at {}, {origin}", root.mode, root.table)?;
    let is_summed = |region: &&Region| region.kind == Kind::User && user == UserRegions::Summary;
    audit
        .regions
        .iter()
        .rev()
        .filter(|region| !is_summed(region))
        .try_for_each(|region| write_region(f, region))?;
    write_summed(f, audit.regions.iter().filter(is_summed))?;
    for inherited in audit.inherited.iter().rev() {
        writeln!(
            f,
            "  {:#018x}  {:>18}  as in root {}",
            inherited.start.0,
            Bytes(inherited.size),
            inherited.root
        )?;
    }
    writeln!(f, "  leaves      {}", audit.leaves())?;
    writeln!(
        f,
        "  tables      {tables}, {tables_of_several} of several regions, {tables_of_none} without a leaf"
    )?;
    writeln!(f)
}

fn write_region(f: &mut fmt::Formatter<'_>, region: &Region) -> fmt::Result {
    let Region { start, size, mapped, leaves, tables, name, offset, .. } = region;
    write!(
        f,
        "  {:#018x}  {:>18}  {name}: {} mapped, {leaves}, tables {tables}",
        start.0,
        Bytes(*size),
        Bytes(*mapped)
    )?;
    if let Some(offset) = offset {
        write!(f, ", offset {offset:#x}")?;
    }
    writeln!(f)?;
    region.parts.iter().rev().take(LISTED).try_for_each(|part| write_part(f, part))?;
    more(f, region.part_count)?;
    region.splits.listed.iter().take(LISTED).try_for_each(|split| write_split(f, split))?;
    more(f, region.splits.listed.len() as u64)
}

fn write_summed<'a>(
    f: &mut fmt::Formatter<'_>,
    regions: impl Iterator<Item = &'a Region> + Clone,
) -> fmt::Result {
    let Some(first) = regions.clone().next() else { return Ok(()) };
    let mapped: u64 = regions.clone().map(|region| region.mapped).sum();
    let mut leaves = LeafCounts::default();
    regions.clone().for_each(|region| leaves += region.leaves);
    writeln!(
        f,
        "  {:#018x}  {:>18}  user half: {} regions, {} mapped, {leaves}",
        first.start.0,
        "",
        regions.count(),
        Bytes(mapped)
    )
}

fn write_part(f: &mut fmt::Formatter<'_>, part: &Part) -> fmt::Result {
    let Part { virt, phys, size, attributes, leaves, name } = part;
    write!(f, "  {:#018x}  {:>18}    {attributes} at {phys}: {leaves}", virt.0, Bytes(*size))?;
    // A name comes from a symbol table.
    if let Some(name) = name { writeln!(f, ", {}", name.escape_debug()) } else { writeln!(f) }
}

fn write_split(f: &mut fmt::Formatter<'_>, split: &Split) -> fmt::Result {
    let Split { start, blocks, leaf, causes } = split;
    let causes: Vec<_> = causes.iter().map(ToString::to_string).collect();
    writeln!(f, "  {:#018x}  {blocks:>11} x {leaf:>4}    smaller leaves; {}", start.0, causes.join("; "))
}

fn write_finding(f: &mut fmt::Formatter<'_>, finding: &Finding) -> fmt::Result {
    let Finding { root, span, phys, entry, found, .. } = finding;
    write!(f, "  root {root}, {}, {}", span.start, Bytes(span.size))?;
    if let Some(phys) = phys {
        write!(f, ", at {phys} in memory")?;
    }
    if let Some(entry) = entry {
        let at = entry.table.wrapping_add(u64::from(entry.index) * 8);
        write!(f, ", entry {:#018x} at {at}, level {}", entry.bits, entry.level)?;
    }
    writeln!(f, "\n      {found}")
}

/// Writes the number of lines that were left out.
fn more(f: &mut fmt::Formatter<'_>, count: u64) -> fmt::Result {
    match count.saturating_sub(LISTED as u64) {
        0 => Ok(()),
        more => writeln!(f, "      and {more} more"),
    }
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Difference { start, size, expected, found, .. } in &self.kept {
            writeln!(f, "  {start}, {}: expected {}, found {}", Bytes(*size), Side(expected), Side(found))?;
        }
        match self.count {
            0 => writeln!(f, "no differences"),
            1 => writeln!(f, "1 difference"),
            count => writeln!(f, "{count} differences"),
        }
    }
}

struct Side<'a>(&'a Option<Mapping>);

impl fmt::Display for Side<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("nothing"),
            Some(Mapping { phys, attributes, leaf }) => write!(f, "{attributes} at {phys} by {leaf}"),
        }
    }
}
