//! A kernel with a fault in its tables, and the audit of a core of its machine.

use landfall_audit::{Audit, Code, Limits, Origin, PAGE, Request, Root, Span, Virt, audit};
use landfall_host::gdb::Hart;

use super::Prepared;
use crate::audited::qemu::{Leaves, Walks};
use crate::audited::{core_of, planned};
use crate::devicetree::Tree;
use crate::exact::{Inputs, Prediction};
use crate::matrix::levels;
use crate::session::as_text;

/// Tables of the audits: fewer than the kernel makes for `walk-limit`, and more than for others.
const TABLES: usize = 64;

impl Prepared<'_> {
    /// Boots to the place at which the tables are ready, and audits a core of the machine. The
    /// audit must have one finding, with this code, or none at all. QEMU must translate each
    /// address as the audit does.
    pub(super) fn audited(&self, code: Option<Code>) -> Result<Vec<String>, String> {
        let (mut session, entry) = self.enter(self.case.seeding)?;
        let bytes = session.tree(entry.tree_at)?;
        let tree = Tree::read(&bytes)?;
        let levels = self.machine.mode.map_or(5, levels);
        let inputs = Inputs { tree: &bytes, generated: &[] };
        let prediction = Prediction::new(self.image(), &entry, inputs, levels)?;
        session.set_breakpoint(prediction.kernel() + self.image().symbol("audit_ready")?.offset)?;
        let hart = session.go()?.ok_or("the machine ended before the tables were ready")?;
        let satp = as_text(session.gdb.register("satp"))?;

        let mut memory = core_of(&mut session, self.directory.path())?;
        let roots = vec![(as_text(Root::from_satp(satp))?, Origin::Harts { harts: vec![hart.id()] })];
        let known = planned::known(prediction.written(), &tree);
        let limits = Limits { tables: TABLES, ..Limits::default() };
        let request = Request { roots, known, limits, ..Request::default() };
        let audit = audit(&mut memory, &request);

        let counts = audit.findings.codes().map(|found| (found, audit.findings.count(found)));
        let counts: Vec<_> = counts.collect();
        let expected: Vec<_> = code.into_iter().map(|code| (code, 1)).collect();
        let mut findings = Vec::new();
        if counts != expected {
            findings.push(format!("the findings are {counts:?}, and {expected:?} is right"));
            findings.extend(planned::faults(&audit));
        }
        // The audit does not list these addresses. Its finding does.
        let left = audit.findings.kept().iter().filter(|finding| finding.code == Code::WalkLimit);
        let left: Vec<Span<Virt>> = left.map(|finding| finding.span).collect();
        let mut walks = Walks::with_satp(&mut session.gdb, Hart::with_id(hart.id()), satp)?;
        findings.extend(walks.check_addresses(&audit, 0, Leaves::Some, &left)?);
        let has_repeats = matches!(code, Some(Code::TableLoop | Code::TableShared));
        if has_repeats && audit.cost.repeats == 0 {
            findings.push("no table was walked again".to_owned());
        }
        if code.is_none() || has_repeats {
            findings.extend(walks.check_ranges(&audit, 0)?);
        }
        if code.is_none() {
            findings.extend(silent(&mut walks, audit)?);
        }
        Ok(findings)
    }
}

/// Returns a finding if QEMU's walk does not contradict a wrong audit.
fn silent(walks: &mut Walks<'_>, mut audit: Audit) -> Result<Vec<String>, String> {
    for run in &mut audit.roots[0].runs {
        run.phys = run.phys.wrapping_add(PAGE);
    }
    let by_addresses = walks.check_addresses(&audit, 0, Leaves::Some, &[])?;
    let by_ranges = walks.check_ranges(&audit, 0)?;
    let silent = [("gva2gpa", by_addresses), ("info mem", by_ranges)]
        .into_iter()
        .filter(|(_, findings)| findings.is_empty());
    Ok(silent.map(|(command, _)| format!("{command} does not contradict a wrong audit")).collect())
}
