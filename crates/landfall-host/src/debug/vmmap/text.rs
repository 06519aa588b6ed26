//! Answers as text.

use std::fmt::Write;

use landfall_audit::region::{Part, Region};
use landfall_audit::walk::{EntryPlace, FaultKind, Path, PathEnd};
use landfall_audit::{Audit, Origin, Phys, RootAudit, Run, Span, Virt};
use landfall_plan::planner::Bytes;

use super::asked::Filter;

/// Parts of a region that are listed before the user asks for this region.
const LISTED: usize = 8;
/// Other addresses of the same memory that are listed.
const MOST_ALIASES: usize = 8;

/// All regions, the highest first, and the number of findings.
pub(super) fn regions(audit: &Audit) -> String {
    let mut text = String::new();
    for root in &audit.roots {
        let _ = writeln!(text, "{}", head(root));
        for region in root.regions.iter().rev() {
            let _ = writeln!(text, "{}", title(region));
            for part in region.parts.iter().rev().take(LISTED) {
                let Part { virt, phys, size, attributes, leaves, name } = part;
                let name = name.as_ref().map_or(String::new(), |name| format!("  {}", name.escape_debug()));
                let _ = writeln!(text, "{}", row(Span::new(*virt, *size), attributes, *phys, leaves) + &name);
            }
            let more = region.part_count.saturating_sub(LISTED as u64);
            if more != 0 {
                let _ = writeln!(text, "  ... and {more} more: landfall vmmap {}", name(region));
            }
        }
    }
    text + &last_line(audit)
}

/// The roots that a search has found, those with the most mappings first.
pub(super) fn choice(audit: &Audit) -> String {
    let mut text = "the core does not state satp; choose one of the pages that look like roots:".to_owned();
    let mut roots: Vec<_> = audit.roots.iter().collect();
    roots.sort_by_key(|root| std::cmp::Reverse(root.runs.len()));
    for RootAudit { root, runs, regions, .. } in roots.iter().take(LISTED) {
        // MODE is 8 for the three levels of sv39, and so on.
        let satp = (u64::from(root.mode.levels()) + 5) << 60 | root.table.0 >> 12;
        let mapped = Bytes(regions.iter().fold(0, |sum, region| region.mapped.saturating_add(sum)));
        let _ = write!(text, "\n  --satp {satp:#x}  {}, {mapped} in {} mappings", root.mode, runs.len());
    }
    if roots.len() > LISTED {
        let _ = write!(text, "\n  ... and {} more", roots.len() - LISTED);
    }
    text
}

/// The chosen mappings, the highest first.
pub(super) fn mappings(audit: &Audit, filter: &Filter) -> Result<String, String> {
    let mut text = String::new();
    let mut count = 0_usize;
    for root in &audit.roots {
        let _ = writeln!(text, "{}", head(root));
        for region in root.regions.iter().rev().filter(|region| filter.takes(region)) {
            let is_in = |run: &&Run| region.span().contains(run.virt) && filter.allows(run.attributes);
            let runs: Vec<&Run> = root.runs.iter().filter(is_in).collect();
            if runs.is_empty() {
                continue;
            }
            count += runs.len();
            let _ = writeln!(text, "{}", title(region));
            for run in runs.iter().rev() {
                let leaves = format!("{} x {}", run.size / run.leaf.bytes(), run.leaf);
                let _ = writeln!(text, "{}", row(run.span(), run.attributes, run.phys, leaves));
            }
        }
    }
    if count == 0 {
        return Err(match &filter.region {
            Some(name) => format!("no such mapping in the region {}", name.escape_debug()),
            None => "no such mapping".to_owned(),
        });
    }
    Ok(text)
}

/// All findings, with their reasons and remedies.
pub(super) fn findings(audit: Audit) -> String {
    Audit { roots: Vec::new(), ..audit }.to_string()
}

/// The entries that lead to an address, the region that it is in, other addresses of the same
/// memory, and findings about it.
pub(super) fn address(audit: &Audit, number: usize, virt: Virt, path: &Path) -> String {
    let root = &audit.roots[number];
    let mut text = head(root);
    let _ = writeln!(text, "\n{}: {}", virt, end(virt, path));
    for (index, entry) in path.entries.iter().enumerate() {
        let meaning = path.entries.get(index + 1).map(|next| format!("table at {}", next.table));
        let _ = writeln!(text, "{}", step(entry, &meaning.unwrap_or_else(|| last(path))));
    }
    match root.regions.iter().find(|region| region.span().contains(virt)) {
        Some(region) => {
            let _ = writeln!(text, "  region {}", title(region));
        }
        None if matches!(path.end, PathEnd::Mapped(_)) => {
            let _ = writeln!(text, "  in no region: beyond the limit of an audit (walk-limit)");
        }
        None => neighbors(&mut text, root, virt),
    }
    if let PathEnd::Mapped(leaf) = &path.end {
        let phys = leaf.phys.wrapping_add(virt.0.wrapping_sub(leaf.virt.0));
        aliases(&mut text, audit, (number, virt), phys);
    }
    for finding in audit.findings.kept() {
        if finding.root == number && (finding.span.contains(virt) || finding.span.start == virt) {
            let _ = writeln!(text, "  finding {}: {}", finding.code, finding.found);
        }
    }
    text
}

fn head(root: &RootAudit) -> String {
    let origin = match &root.origin {
        // That of the selected hart, or the user's own.
        Origin::Given => String::new(),
        other => format!(", {other}"),
    };
    format!("{} with its root at {}{origin}", root.root.mode, root.root.table)
}

/// Returns the region's name, and its kind if that is another one.
fn name(region: &Region) -> String {
    region.name.escape_debug().to_string()
}

fn title(region: &Region) -> String {
    let Region { kind, mapped, leaves, tables, .. } = region;
    let name = name(region);
    let kind = if name == kind.name() { String::new() } else { format!(" ({kind})") };
    format!("{name}{kind}: {} mapped, {leaves}, tables {tables}", Bytes(*mapped))
}

fn row(
    span: Span<Virt>,
    attributes: impl std::fmt::Display,
    phys: Phys,
    leaves: impl std::fmt::Display,
) -> String {
    let last = span.start.0.wrapping_add(span.size.wrapping_sub(1));
    let (start, size) = (span.start.0, Bytes(span.size).to_string());
    format!("  {start:#018x}-{last:#018x} {size:>10}  {attributes} at {phys:<12} {leaves}")
}

fn end(virt: Virt, path: &Path) -> String {
    match &path.end {
        PathEnd::Mapped(leaf) => {
            let phys = leaf.phys.wrapping_add(virt.0.wrapping_sub(leaf.virt.0));
            format!("{} at {phys}, by a leaf of {}", leaf.attributes, leaf.size)
        }
        PathEnd::Invalid => {
            let level = path.entries.last().map_or(0, |entry| entry.level);
            format!("not mapped: no entry at level {level}")
        }
        PathEnd::Fault(FaultKind::Missing(missing)) => {
            format!("not mapped: a table cannot be read ({missing})")
        }
        PathEnd::Fault(_) => {
            "not mapped: the last entry is faulty, and a hart raises a page fault".to_owned()
        }
        PathEnd::NotCanonical => "no address of this mode: its upper bits differ".to_owned(),
    }
}

/// Returns the meaning of the last entry.
fn last(path: &Path) -> String {
    match &path.end {
        PathEnd::Mapped(leaf) => format!("leaf of {}, {} at {}", leaf.size, leaf.attributes, leaf.phys),
        PathEnd::Invalid | PathEnd::NotCanonical => "not valid".to_owned(),
        PathEnd::Fault(kind) => fault(kind).to_owned(),
    }
}

const fn fault(kind: &FaultKind) -> &'static str {
    match kind {
        FaultKind::Reserved => "faulty: a reserved bit is set",
        FaultKind::WriteOnly => "faulty: W without R",
        FaultKind::Deep => "faulty: a pointer at the last level",
        FaultKind::Misaligned => "faulty: memory that is not aligned for this leaf",
        FaultKind::NapotReserved => "faulty: N with a reserved encoding",
        FaultKind::Missing(_) => "table that cannot be read",
        // A path meets none of these.
        FaultKind::NapotGroup
        | FaultKind::Loop
        | FaultKind::Shared { .. }
        | FaultKind::Limit
        | FaultKind::NotFollowed { .. } => "faulty",
    }
}

fn step(entry: &EntryPlace, meaning: &str) -> String {
    let EntryPlace { table, level, index, bits } = entry;
    let at = table.wrapping_add(u64::from(*index) * 8);
    format!("  level {level}  entry {index:>3} at {at:<12} {bits:#018x}  {meaning}")
}

/// Names the mappings around an address without one: they tell a guard from an address gone wrong.
fn neighbors(text: &mut String, root: &RootAudit, virt: Virt) {
    let below = root.regions.iter().rev().find(|region| region.start < virt);
    let above = root.regions.iter().find(|region| region.start > virt);
    if let Some(region) = below {
        let end = region.start.wrapping_add(region.size);
        let distance = Bytes(virt.0.wrapping_sub(end.0));
        let _ = writeln!(text, "  {distance} above the end of {} at {end}", name(region));
    }
    if let Some(region) = above {
        let distance = Bytes(region.start.0.wrapping_sub(virt.0));
        let _ = writeln!(text, "  {distance} below the start of {} at {}", name(region), region.start);
    }
}

/// Lists other addresses of the same memory.
fn aliases(text: &mut String, audit: &Audit, (own, virt): (usize, Virt), phys: Phys) {
    let mut count = 0;
    for (number, root) in audit.roots.iter().enumerate() {
        let holds = |run: &&Run| Span::new(run.phys, run.size).contains(phys);
        for run in root.runs.iter().filter(holds) {
            let other = run.virt.wrapping_add(phys.0 - run.phys.0);
            if (number, other) == (own, virt) {
                continue;
            }
            count += 1;
            if count > MOST_ALIASES {
                continue;
            }
            let region = root.regions.iter().find(|region| region.span().contains(other));
            let region = region.map_or(String::new(), |region| format!(", {}", name(region)));
            let _ = writeln!(text, "  the same memory at {other}: {}{region}", run.attributes);
        }
    }
    if count > MOST_ALIASES {
        let _ = writeln!(text, "  ... and {} more addresses", count - MOST_ALIASES);
    }
}

fn last_line(audit: &Audit) -> String {
    let total: u64 = audit.findings.codes().map(|code| audit.findings.count(code)).sum();
    match total {
        0 => "no findings\n".to_owned(),
        1 => "1 finding: landfall vmmap --findings\n".to_owned(),
        total => format!("{total} findings: landfall vmmap --findings\n"),
    }
}
