//! An audit: roots, regions and findings.

use serde::{Deserialize, Serialize};

use crate::address::{Span, Virt};
use crate::alias;
use crate::check::{self, Checks};
use crate::finding::{Code, Finding, Findings};
use crate::format::Format;
use crate::known::Known;
use crate::leaf::LeafCounts;
use crate::memory::Memory;
use crate::region::{self, Region};
use crate::root::{Origin, Root};
use crate::run::{Run, Runs};
use crate::walk::{Cost, Fault, Leaf, Sink, Walker};

/// The limits of an audit. They bound its time and its memory for any source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tables that are read, of all roots together. Each takes some bytes of memory.
    pub tables: usize,
    /// Runs that are kept, of all roots together. Each takes 32 bytes, and 8 more for aliases.
    pub runs: usize,
}

impl Default for Limits {
    /// 4 GiB of tables, and 32 Mi runs.
    fn default() -> Self {
        Self { tables: 1 << 20, runs: 1 << 25 }
    }
}

/// A request for an audit.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The roots, each with the reason to audit it. None should be there twice.
    pub roots: Vec<(Root, Origin)>,
    /// The format of entries.
    pub format: Format,
    /// Facts that tables do not contain.
    pub known: Known,
    /// Limits.
    pub limits: Limits,
}

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
    /// Those that serve several regions.
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

/// Addresses that an earlier root maps by the same tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inherited {
    /// First address.
    #[serde(rename = "virtual")]
    pub start: Virt,
    /// Bytes.
    pub size: u64,
    /// The number of the earlier root.
    pub root: usize,
}

impl Inherited {
    /// Returns the addresses.
    #[must_use]
    pub const fn span(&self) -> Span<Virt> {
        Span::new(self.start, self.size)
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

/// Takes what the walk of one root meets.
struct Collector<'a> {
    root: usize,
    most: usize,
    runs: Runs,
    inherited: Vec<Inherited>,
    findings: &'a mut Findings,
}

impl Sink for Collector<'_> {
    fn leaf(&mut self, leaf: Leaf) {
        self.runs.push(leaf, self.most);
    }

    fn fault(&mut self, fault: Fault) {
        check::fault(self.root, &fault, self.findings);
    }

    fn inherited(&mut self, span: Span<Virt>, from: usize) {
        let Span { start, size } = span;
        match self.inherited.last_mut() {
            Some(last) if last.root == from && last.span().end() == u128::from(start.0) => {
                last.size += size;
            }
            _ => self.inherited.push(Inherited { start, size, root: from }),
        }
    }
}

/// Audits the roots of a request.
pub fn audit(memory: &mut impl Memory, request: &Request) -> Audit {
    let Request { roots, format, known, limits } = request;
    let mut findings = Findings::default();
    let mut walker = Walker::new(memory, *format, limits.tables);
    let mut audits: Vec<RootAudit> = Vec::with_capacity(roots.len());
    let mut left = limits.runs;
    for (number, (root, origin)) in (0..).zip(roots) {
        let number: u32 = number;
        let mut collector = Collector {
            root: number as usize,
            most: left,
            runs: Runs::default(),
            inherited: Vec::new(),
            findings: &mut findings,
        };
        walker.walk(*root, number, &mut collector);
        let Collector { runs: Runs { kept, dropped }, inherited, .. } = collector;
        left -= kept.len().min(left);
        if dropped != 0 {
            findings.add(Code::WalkLimit, || limit(number as usize, &kept, dropped));
        }
        audits.push(RootAudit {
            root: *root,
            origin: origin.clone(),
            runs: kept,
            regions: Vec::new(),
            inherited,
            tables: 0,
            tables_of_several: 0,
            tables_of_none: 0,
        });
    }
    let (tables, cost) = walker.finish();
    let checks = Checks::new(known, *format);
    for (number, audit) in audits.iter_mut().enumerate() {
        checks.check(number, &audit.runs, &mut findings);
        audit.regions = region::regions(&audit.runs, audit.root.mode, *format, known);
        audit.tables = tables.of_root(number).count() as u64;
        let counted = region::count_tables(&mut audit.regions, tables.of_root(number));
        (audit.tables_of_several, audit.tables_of_none) = counted;
    }
    drop(tables);
    let runs: Vec<_> = audits.iter().map(|audit| audit.runs.as_slice()).collect();
    alias::check(&runs, &mut findings);
    findings.sort();
    Audit { roots: audits, findings, unchecked: unchecked(known), cost }
}

fn limit(root: usize, kept: &[Run], dropped: u64) -> Finding {
    let after = kept.last().map_or(Virt(0), |run| run.virt.wrapping_add(run.size));
    Finding {
        code: Code::WalkLimit,
        root,
        span: Span::new(after, 0),
        phys: None,
        entry: None,
        found: format!("the limit of runs is reached: {dropped} leaves from here on were not checked"),
    }
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
