//! Untrusted memory for audits: raw, as an ELF core, and as JSON of plans and earlier audits.

use std::io::Cursor;

use landfall_audit::compare::compare;
use landfall_audit::json::Saved;
use landfall_audit::memory::{CoreFile, Memory, Raw};
use landfall_audit::plan::Plan;
use landfall_audit::search::search;
use landfall_audit::{Code, Format, KEPT, Limits, Mode, Origin, Phys, Request, Root, audit};

/// The address of the input as raw memory. The table of a seed lies in its second page.
const BASE: u64 = 0x8000_0000;

/// Audits the input.
///
/// # Panics
/// If landfall fails on it.
pub fn run(bytes: &[u8]) {
    if let Ok(mut core) = CoreFile::new(Cursor::new(bytes)) {
        check(&mut core);
    }
    let mut raw = Raw::new(Cursor::new(bytes), Phys(BASE)).expect("bytes have an end");
    check(&mut raw);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(plan) = Plan::parse(text) {
        let _ = (plan.layout(), plan.stacks());
        if let Ok(Some(runs)) = plan.runs() {
            let _ = compare(&runs, &[]).to_string();
        }
    }
    if let Ok(saved) = Saved::parse(text) {
        saved.roots.iter().for_each(|root| drop(compare(&root.runs, &root.runs)));
    }
}

fn check(memory: &mut impl Memory) {
    let given = Mode::ALL.map(|mode| (Root { mode, table: Phys(BASE + 4096) }, Origin::Given));
    let found = search(memory, Format::default()).roots.into_iter().map(|root| (root, Origin::Guess));
    let limits = Limits { tables: 64, runs: 4096 };
    let request =
        Request { roots: given.into_iter().chain(found).take(8).collect(), limits, ..Request::default() };
    let audit = audit(memory, &request);
    assert!(audit.cost.tables <= 64);
    assert!(audit.findings.kept().len() <= KEPT * Code::ALL.len());
    let mut json = Vec::new();
    audit.write_json(&mut json).expect("bytes in memory");
    let saved =
        Saved::parse(std::str::from_utf8(&json).expect("JSON is text")).expect("an audit is read back");
    for (saved, own) in saved.roots.iter().zip(&audit.roots) {
        assert_eq!(saved.runs, own.runs);
    }
    assert!(audit.to_string().len() < 1 << 22);
}
