//! Untrusted memory for audits: raw, as an ELF core, and as JSON of plans and earlier audits.

use std::io::Cursor;

use landfall_audit::compare::{KEPT as DIFFERENCES, compare};
use landfall_audit::json::Saved;
use landfall_audit::memory::{CoreFile, Memory, Raw};
use landfall_audit::plan::Plan;
use landfall_audit::search::search;
use landfall_audit::{Code, Format, KEPT, Limits, Mode, Origin, PAGE, Phys, Request, Root, audit};

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
        for one in &saved.roots {
            assert!(
                saved.roots.iter().all(|other| compare(&one.runs, &other.runs).kept.len() <= DIFFERENCES)
            );
        }
    }
}

fn check(memory: &mut impl Memory) {
    let given = Mode::ALL.map(|mode| (Root { mode, table: Phys(BASE + 4096) }, Origin::Given));
    let pages: u64 = memory.spans().iter().map(|span| span.size / PAGE).sum();
    let found = search(memory, Format::default());
    // Each page once, and for each mode all tables of a candidate's next level and a way to a leaf.
    assert!(found.bytes <= (pages + 3 * pages * (512 + 5)) * PAGE, "{} bytes of {pages} pages", found.bytes);
    let found = found.roots.into_iter().map(|root| (root, Origin::Guess));
    let limits = Limits { tables: 64, repeats: 256, repeats_of_one: 32, runs: 4096, runs_of_repeats: 2048 };
    let request =
        Request { roots: given.into_iter().chain(found).take(8).collect(), limits, ..Request::default() };
    let audit = audit(memory, &request);
    let cost = audit.cost;
    assert!(cost.tables <= 64 && cost.repeats <= 256);
    let walks = cost.tables + cost.repeats;
    assert!(cost.bytes == walks * PAGE && cost.entries == walks * 512);
    assert!(audit.roots.iter().map(|root| root.runs.len()).sum::<usize>() <= limits.runs);
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
