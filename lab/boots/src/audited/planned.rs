//! An audit of the tables of a landing, beside the plan.

use std::collections::BTreeMap;

use landfall_audit::compare::compare;
use landfall_audit::memory::{Memory, Missing, Page};
use landfall_audit::plan::Plan;
use landfall_audit::{
    Audit, Code, Format, Known, Napot, Origin, PAGE, Phys, Request, Root, Span, Types, audit,
};
use landfall_judge::Extensions;
use landfall_judge::intervals::Interval;
use landfall_judge::tables::Tables;

use crate::devicetree::Tree;
use crate::session::as_text;

/// The most findings, and the most differences, that are printed.
const FEW: usize = 5;

/// Returns a finding for each difference from the plan, and for each fault.
pub(crate) fn check(plan: &Plan, tables: &Tables, tree: &Tree) -> Vec<String> {
    match try_check(plan, tables, tree) {
        Ok(findings) => findings,
        Err(error) => vec![format!("audit: {error}")],
    }
}

fn try_check(plan: &Plan, tables: &Tables, tree: &Tree) -> Result<Vec<String>, String> {
    let audit = of_tables(tables, known(plan, tree))?;
    let mut findings = faults(&audit);
    let expected = as_text(plan.runs())?.ok_or("the plan has no mappings")?;
    let found = audit.roots.first().map_or(&[][..], |root| &root.runs);
    let differences = compare(&expected, found);
    if differences.count != 0 {
        let few = compare(&expected, found).kept.into_iter().take(FEW);
        findings.extend(few.map(|difference| format!("audit: not as planned: {difference:x?}")));
    }
    if audit.unchecked.iter().any(|unchecked| unchecked.code == Code::StackGuard) {
        findings.push("audit: the plan has no stack".to_owned());
    }
    if audit.cost.tables != tables.pages.len() as u64 {
        findings.push(format!("audit: {} tables of {} were read", audit.cost.tables, tables.pages.len()));
    }
    Ok(findings)
}

/// Audits the tables that the judge has read.
pub(crate) fn of_tables(tables: &Tables, known: Known) -> Result<Audit, String> {
    // Landfall states no memory type on QEMU, so a bit for one is a fault.
    let napot = if tables.root.extensions == Extensions::Svnapot { Napot::Svnapot } else { Napot::Reserved };
    let format = Format { napot, types: Types::Reserved, ..Format::default() };
    let roots = vec![(as_text(Root::from_satp(tables.satp))?, Origin::Given)];
    Ok(audit(&mut Pages(&tables.pages), &Request { roots, format, known, ..Request::default() }))
}

/// Returns the first findings of an audit.
pub(crate) fn faults(audit: &Audit) -> Vec<String> {
    let few = audit.findings.kept().iter().take(FEW);
    few.map(|finding| format!("audit: {} at {}: {}", finding.code, finding.span.start, finding.found))
        .collect()
}

/// Returns the facts of a plan and of a device tree.
pub(crate) fn known(plan: &Plan, tree: &Tree) -> Known {
    let spans = |intervals: &[Interval]| {
        intervals.iter().map(|interval| Span::new(Phys(interval.start), interval.size())).collect()
    };
    Known {
        ram: spans(&tree.ram),
        no_map: spans(&tree.no_map),
        stacks: plan.stacks(),
        layout: plan.layout(),
        ..Known::default()
    }
}

/// Pages that the judge has read.
struct Pages<'a>(&'a BTreeMap<u64, Vec<u8>>);

impl Memory for Pages<'_> {
    fn read(&mut self, at: Phys, page: &mut Page) -> Result<(), Missing> {
        page.copy_from_slice(self.0.get(&at.0).ok_or(Missing::Hole)?);
        Ok(())
    }

    fn spans(&self) -> Vec<Span<Phys>> {
        self.0.keys().map(|page| Span::new(Phys(*page), PAGE)).collect()
    }
}
