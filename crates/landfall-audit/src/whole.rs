//! All mappings of a root, also those that an earlier root lists.

use std::ops::Range;

use crate::address::{Phys, Span, Virt};
use crate::audit::Audit;
use crate::inherited::Inherited;
use crate::json::Saved;
use crate::run::Run;

/// A mapping is listed at most this many roots away: each step enters a table of a lower level, and
/// sv57 has five.
const MOST_STEPS: u8 = 5;

/// The lists of one root.
type Listed<'a> = (&'a [Run], &'a [Inherited]);

impl Audit {
    /// Returns all mappings of a root in ascending order, also those of
    /// [`RootAudit::inherited`](crate::RootAudit::inherited). It has none if the audit does not
    /// have the root.
    #[must_use]
    pub fn mappings(&self, root: usize) -> Vec<Run> {
        let listed = |number: usize| self.roots.get(number).map(|root| (&root.runs[..], &root.inherited[..]));
        whole(&listed, root)
    }
}

impl Saved {
    /// Returns all mappings of a root, as [`Audit::mappings`] does.
    #[must_use]
    pub fn mappings(&self, root: usize) -> Vec<Run> {
        let listed = |number: usize| self.roots.get(number).map(|root| (&root.runs[..], &root.inherited[..]));
        whole(&listed, root)
    }
}

fn whole<'a>(listed: &dyn Fn(usize) -> Option<Listed<'a>>, root: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    collect(listed, root, 0..1 << 64, MOST_STEPS, &mut runs);
    runs.sort_unstable_by_key(|run| run.virt);
    runs
}

fn collect<'a>(
    listed: &dyn Fn(usize) -> Option<Listed<'a>>,
    root: usize,
    within: Range<u128>,
    steps: u8,
    all: &mut Vec<Run>,
) {
    let Some((runs, inherited)) = listed(root) else { return };
    let first = runs.partition_point(|run| run.span().end() <= within.start);
    let runs = runs[first..].iter().take_while(|run| u128::from(run.virt.0) < within.end);
    all.extend(runs.map(|run| cut(run, &within)));
    let Some(steps) = steps.checked_sub(1) else { return };
    let first = inherited.partition_point(|own| own.span().end() <= within.start);
    for own in inherited[first..].iter().take_while(|own| u128::from(own.start.0) < within.end) {
        let Range { start, end } = meet(own.span(), &within);
        collect(listed, own.root, start..end, steps, all);
    }
}

/// The part of a run that lies in a range of addresses. The range begins and ends between leaves,
/// because a table has whole leaves.
fn cut(run: &Run, within: &Range<u128>) -> Run {
    let Range { start, end } = meet(run.span(), within);
    let skipped = start - u128::from(run.virt.0);
    let bytes = |count: u128| u64::try_from(count).unwrap_or(u64::MAX);
    let virt = run.virt.wrapping_add(bytes(skipped));
    Run { virt, phys: Phys(run.phys.0.saturating_add(bytes(skipped))), size: bytes(end - start), ..*run }
}

fn meet(span: Span<Virt>, within: &Range<u128>) -> Range<u128> {
    within.start.max(span.start.0.into())..within.end.min(span.end())
}
