//! An audit: roots, regions and findings.

use serde::Serialize;

use crate::address::{Span, Virt};
use crate::alias;
use crate::check::{self, Checks};
use crate::collect::{Collected, collect};
use crate::finding::{Code, Findings};
use crate::inherited::Inherited;
use crate::known::Known;
use crate::leaf::LeafCounts;
use crate::memory::Memory;
use crate::region::{self, Region};
use crate::request::Request;
use crate::root::{Origin, Root};
use crate::run::Run;
use crate::walk::Cost;

/// The result.
#[derive(Clone, Debug)]
pub struct Audit {
    /// The roots, in the order of the request.
    pub roots: Vec<RootAudit>,
    /// The findings about all roots.
    pub findings: Findings,
    /// The checks that were left out, and why.
    pub unchecked: Vec<Unchecked>,
    /// The work.
    pub cost: Cost,
}

/// All that one root maps.
#[derive(Clone, Debug)]
pub struct RootAudit {
    /// The root.
    pub root: Root,
    /// The reason to audit it.
    pub origin: Origin,
    /// Its mappings, in ascending order, without those of [`RootAudit::inherited`].
    /// [`Audit::mappings`] has both.
    pub runs: Vec<Run>,
    /// Its mappings as regions.
    pub regions: Vec<Region>,
    /// Addresses that an earlier root maps by the same tables.
    pub inherited: Vec<Inherited>,
    /// Tables of its own.
    pub tables: u64,
    /// Those that serve several regions, or other addresses too.
    pub tables_of_several: u64,
    /// Those without a leaf.
    pub tables_of_none: u64,
}

impl Audit {
    /// Checks stacks that are known by the audit's own mappings, as those of [`Known::stacks`] are.
    pub fn check_stacks(&mut self, stacks: &[Span<Virt>]) {
        if stacks.is_empty() {
            return;
        }
        for (number, root) in self.roots.iter().enumerate() {
            check::stacks(number, &root.runs, stacks, &mut self.findings);
        }
        self.findings.sort();
        self.unchecked.retain(|unchecked| unchecked.code != Code::StackGuard);
    }
}

impl RootAudit {
    /// Returns the leaves of all regions by size.
    #[must_use]
    pub fn leaves(&self) -> LeafCounts {
        let mut leaves = LeafCounts::default();
        self.regions.iter().for_each(|region| leaves += region.leaves);
        leaves
    }
}

/// A check that was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Unchecked {
    /// The code of its findings.
    pub code: Code,
    /// The missing fact.
    pub because: &'static str,
}

/// Audits the roots of a request.
pub fn audit(memory: &mut impl Memory, request: &Request) -> Audit {
    let Request { roots, format, known, .. } = request;
    let mut findings = Findings::default();
    let Collected { roots: collected, tables, cost } = collect(memory, request, &mut findings);
    let checks = Checks::new(known, *format);
    let mut audits = Vec::with_capacity(roots.len());
    for (number, ((root, origin), (runs, inherited))) in roots.iter().zip(collected).enumerate() {
        checks.check(number, &runs, &mut findings);
        let mut regions = region::regions(&runs, root.mode, *format, known);
        let counted = region::count_tables(&mut regions, tables.of_root(number));
        audits.push(RootAudit {
            root: *root,
            origin: origin.clone(),
            runs,
            regions,
            inherited,
            tables: tables.of_root(number).count() as u64,
            tables_of_several: counted.0,
            tables_of_none: counted.1,
        });
    }
    drop(tables);
    let runs: Vec<_> = audits.iter().map(|audit| audit.runs.as_slice()).collect();
    alias::check(&runs, &mut findings);
    findings.sort();
    Audit { roots: audits, findings, unchecked: unchecked(known), cost }
}

fn unchecked(known: &Known) -> Vec<Unchecked> {
    let mut unchecked = Vec::new();
    if known.no_map.is_empty() {
        unchecked.push(Unchecked { code: Code::LeafNoMap, because: "no no-map memory is known" });
    }
    if known.stacks.is_empty() {
        unchecked.push(Unchecked { code: Code::StackGuard, because: "no stacks are known" });
    }
    unchecked
}
