//! An audit beside QEMU's own walk of the same tables: `gva2gpa` of single addresses, and the
//! ranges of `info mem`. QEMU shares no code with the audit.

use landfall_audit::{Audit, Mode, Phys, Run, Span, Virt};
use landfall_host::gdb::{Client, Hart};
use landfall_host::random::Random;

use crate::session::as_text;

/// SUM and MXR of `sstatus`: without them QEMU does not translate pages of user mode, or pages that
/// can only be executed.
const SEE_ALL: u64 = 1 << 18 | 1 << 19;
const SUPERVISOR: u64 = 1;

/// Random addresses of each half, and random words.
const ANYWHERE: usize = 256;
/// Of a run with more leaves, this many at each end and as many within are tried.
const FEW: u64 = 4;
/// The most differences that are printed.
const PRINTED: usize = 5;

/// The leaves whose addresses are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaves {
    /// Each leaf of each run.
    Each,
    /// The first leaves of a run, its last ones, and some of the others.
    Some,
}

/// A hart that QEMU walks tables for.
#[derive(Debug)]
pub(crate) struct Walks<'a> {
    gdb: &'a mut Client,
    /// Addresses that were translated.
    pub(crate) translated: usize,
}

impl<'a> Walks<'a> {
    /// Makes the hart one that translates by `satp` and sees all pages. It must not run afterwards.
    pub(crate) fn with_satp(gdb: &'a mut Client, hart: Hart, satp: u64) -> Result<Self, String> {
        as_text(gdb.select(hart))?;
        as_text(gdb.monitor(&format!("cpu {}", hart.id())))?;
        as_text(gdb.set_register("priv", SUPERVISOR))?;
        let status = as_text(gdb.register("sstatus"))?;
        as_text(gdb.set_register("sstatus", status | SEE_ALL))?;
        if as_text(gdb.register("satp"))? != satp {
            as_text(gdb.set_register("satp", satp))?;
        }
        Ok(Self { gdb, translated: 0 })
    }

    /// Compares thousands of translations. Addresses in `skip` are left out.
    pub(crate) fn check_addresses(
        &mut self,
        audit: &Audit,
        root: usize,
        leaves: Leaves,
        skip: &[Span<Virt>],
    ) -> Result<Vec<String>, String> {
        let runs = all_runs(audit, root);
        let mode = audit.roots[root].root.mode;
        let mut findings = Vec::new();
        for address in addresses(&runs, mode, leaves) {
            if skip.iter().any(|span| span.contains(address)) {
                continue;
            }
            let (expected, found) = (translate(&runs, address), self.translate(address)?);
            if expected != found && findings.len() < PRINTED {
                findings
                    .push(format!("{address} leads to {found:?} by QEMU, and to {expected:?} by the audit"));
            }
        }
        Ok(findings)
    }

    fn translate(&mut self, address: Virt) -> Result<Option<Phys>, String> {
        self.translated += 1;
        let answer = as_text(self.gdb.monitor(&format!("gva2gpa {address}")))?;
        match answer.trim() {
            "Unmapped" => Ok(None),
            answer => {
                let digits = answer.strip_prefix("gpa: 0x");
                let phys = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
                phys.map(|phys| Some(Phys(phys))).ok_or_else(|| format!("gva2gpa answers \"{answer}\""))
            }
        }
    }

    /// Compares the mapped ranges with those of `info mem`.
    pub(crate) fn check_ranges(&mut self, audit: &Audit, root: usize) -> Result<Vec<String>, String> {
        let answer = as_text(self.gdb.monitor("info mem"))?;
        // Two lines of titles.
        let found = answer.lines().skip(2).filter(|line| !line.is_empty());
        let found = found.map(|line| Range::read(line).ok_or_else(|| format!("info mem has \"{line}\"")));
        let found = merged(found.collect::<Result<Vec<_>, _>>()?);
        let expected = merged(all_runs(audit, root).iter().map(Range::of).collect());
        let missing = expected.iter().filter(|range| !found.contains(range));
        let missing = missing.map(|range| format!("info mem does not have {range:x?}"));
        let more = found.iter().filter(|range| !expected.contains(range));
        let more = more.map(|range| format!("info mem has {range:x?}, and the audit does not"));
        Ok(missing.take(PRINTED).chain(more.take(PRINTED)).collect())
    }
}

/// A line of `info mem`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Range {
    virt: u64,
    phys: u64,
    size: u64,
    /// `rwxugad`, with a dash for each letter that is not set.
    attributes: String,
}

impl Range {
    fn read(line: &str) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        let mut number = || u64::from_str_radix(words.next()?, 16).ok();
        let (virt, phys, size) = (number()?, number()?, number()?);
        let attributes = words.next()?.to_owned();
        words.next().is_none().then_some(Self { virt, phys, size, attributes })
    }

    fn of(run: &Run) -> Self {
        let attributes = format!("{}{}", run.attributes.access(), run.attributes.flags()).to_lowercase();
        Self { virt: run.virt.0, phys: run.phys.0, size: run.size, attributes }
    }
}

/// Makes one range of those that follow each other. QEMU ends a range where a table ends, and the
/// audit where the size of leaves changes.
fn merged(ranges: Vec<Range>) -> Vec<Range> {
    let mut merged: Vec<Range> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last)
                if last.virt.checked_add(last.size) == Some(range.virt)
                    && last.phys + last.size == range.phys
                    && last.attributes == range.attributes =>
            {
                last.size += range.size;
            }
            _ => merged.push(range),
        }
    }
    merged
}

/// Returns all mappings of a root, with those that it has by tables of an earlier root.
fn all_runs(audit: &Audit, root: usize) -> Vec<Run> {
    let own = &audit.roots[root];
    let mut runs = own.runs.clone();
    for inherited in &own.inherited {
        let span = Span::new(inherited.start, inherited.size);
        let theirs = audit.roots[inherited.root].runs.iter().filter(|run| run.span().overlaps(&span));
        // The span is that of a table, which may cut a run.
        runs.extend(theirs.map(|run| {
            let start = run.virt.max(span.start);
            let before = start.0 - run.virt.0;
            let end = run.span().end().min(span.end());
            let size = u64::try_from(end - u128::from(start.0)).unwrap_or(u64::MAX);
            Run { virt: start, phys: run.phys.wrapping_add(before), size, ..*run }
        }));
    }
    runs.sort_by_key(|run| run.virt);
    runs
}

fn translate(runs: &[Run], address: Virt) -> Option<Phys> {
    let run = runs.iter().find(|run| run.span().contains(address))?;
    Some(run.phys.wrapping_add(address.0 - run.virt.0))
}

/// Returns addresses in leaves, beside runs, in holes, and anywhere. Equal runs give equal ones.
fn addresses(runs: &[Run], mode: Mode, leaves: Leaves) -> Vec<Virt> {
    let mut random = Random::new(0x1a2d_fa11);
    let mut addresses = Vec::new();
    for run in runs {
        let (bytes, count) = (run.leaf.bytes(), run.size / run.leaf.bytes());
        let chosen: Vec<u64> = if leaves == Leaves::Each || count <= 3 * FEW {
            (0..count).collect()
        } else {
            let within = (0..FEW).map(|_| random.below(count));
            (0..FEW).chain(count - FEW..count).chain(within).collect()
        };
        for leaf in chosen {
            let first = leaf * bytes;
            let offsets = [first, first + random.below(bytes), first + bytes - 1];
            addresses.extend(offsets.map(|offset| run.virt.wrapping_add(offset)));
        }
        addresses.extend([run.virt.wrapping_add(!0), run.virt.wrapping_add(run.size)]);
    }
    for pair in runs.windows(2) {
        let start = pair[0].virt.0 + (pair[0].size - 1);
        addresses.push(Virt(start + 1 + random.below(pair[1].virt.0 - start)));
    }
    let half = 1 << (12 + 9 * u32::from(mode.levels()) - 1);
    for _ in 0..ANYWHERE {
        let low = random.below(half);
        addresses.extend([Virt(low), Virt(low.wrapping_sub(half)), Virt(random.next_word())]);
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_info_mem_are_read_and_merged() {
        let lines = [
            "ff60000002800000 0000000082800000 000000003d400000 rw--gad",
            "ff6000003fc00000 00000000bfc00000 0000000000200000 rw--gad",
            "ffffffff80000000 0000000080200000 0000000000e00000 r-x-gad",
        ];
        let ranges = merged(lines.into_iter().filter_map(Range::read).collect());
        let sizes: Vec<_> = ranges.iter().map(|range| (range.virt, range.size)).collect();
        assert_eq!(sizes, [(0xff60_0000_0280_0000, 0x3d60_0000), (0xffff_ffff_8000_0000, 0xe0_0000)]);
        assert_eq!(Range::read("ff60000002800000 0000000082800000"), None);
    }
}
