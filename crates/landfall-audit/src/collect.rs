//! The walks of all roots: runs, and findings about entries.

use crate::address::{Span, Virt};
use crate::check;
use crate::finding::{Code, Finding, Findings};
use crate::inherited::Inherited;
use crate::memory::Memory;
use crate::request::Request;
use crate::run::{Run, Runs};
use crate::walk::{Cost, Fault, Leaf, Sink, Tables, Walker};

/// The result of all walks.
pub(crate) struct Collected {
    /// The runs of each root, in ascending order, and the addresses that it has by an earlier one.
    pub(crate) roots: Vec<(Vec<Run>, Vec<Inherited>)>,
    pub(crate) tables: Tables,
    pub(crate) cost: Cost,
}

/// Takes what the walks of one root meet.
struct Collector<'a> {
    root: usize,
    /// Runs that may be kept.
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

/// Walks the roots of a request, and then the tables that several entries lead to. So no repeat
/// takes the place of what a root maps by itself.
pub(crate) fn collect(memory: &mut impl Memory, request: &Request, findings: &mut Findings) -> Collected {
    let mut walker = Walker::new(memory, request.format, request.limits);
    let mut left = request.limits.runs;
    let mut first = Vec::with_capacity(request.roots.len());
    for (number, (root, _)) in (0..).zip(&request.roots) {
        let number: u32 = number;
        let mut collector = Collector {
            root: number as usize,
            most: left,
            runs: Runs::default(),
            inherited: Vec::new(),
            findings: &mut *findings,
        };
        let repeats = walker.walk(*root, number, &mut collector);
        let Collector { runs, inherited, .. } = collector;
        left -= runs.kept.len();
        first.push((runs, inherited, repeats));
    }
    left = left.min(request.limits.runs_of_repeats);
    let mut roots = Vec::with_capacity(first.len());
    for (root, (runs, inherited, repeats)) in first.into_iter().enumerate() {
        let before = runs.kept.len();
        let mut collector =
            Collector { root, most: before + left, runs, inherited, findings: &mut *findings };
        walker.repeat(repeats, &mut collector);
        let Collector { mut runs, mut inherited, .. } = collector;
        left -= runs.kept.len() - before;
        if runs.dropped != 0 {
            findings.add(Code::WalkLimit, || limit(root, &runs));
        }
        runs.sort();
        inherited.sort_by_key(|own| own.start);
        roots.push((runs.kept, inherited));
    }
    let (tables, cost) = walker.finish();
    Collected { roots, tables, cost }
}

fn limit(root: usize, runs: &Runs) -> Finding {
    Finding {
        code: Code::WalkLimit,
        root,
        span: Span::new(runs.first_dropped, 0),
        phys: None,
        entry: None,
        found: format!(
            "the limit of runs is reached: leaves from here on that were not checked: {}",
            runs.dropped
        ),
    }
}
