//! Aliases, against a comparison of each pair of pages.

use landfall_audit::{Code, Known, Mode, PAGE, Phys, Run};
use proptest::prelude::*;

use crate::machine::{A, D, G, IO, Machine, R, U, V, W, X, entry};

/// The first page of the frames.
const FRAMES: u64 = 0x9000_0000;

/// A machine whose pages map few frames, in the lower or the upper half.
fn machine() -> impl Strategy<Value = Machine> {
    let flags =
        prop::sample::select(vec![R, R | W, R | X, R | U, R | W | U, R | X | U, R | W | X, R | W | IO]);
    let page = (0_u64..24, 0_u64..10, flags, any::<bool>());
    prop::collection::vec(page, 1..14).prop_map(|pages| {
        let mut machine = Machine::new(Mode::Sv39);
        for (page, frame, flags, is_upper) in pages {
            let half = if is_upper { 0xffff_ffff_8000_0000 } else { 0x4000_0000 };
            let bits = entry(FRAMES + frame * PAGE, V | G | A | D | flags);
            machine.set(half + page * PAGE, 0, bits);
        }
        machine
    })
}

/// Returns true if one of the mappings writes what the other executes, or if their types differ.
fn conflicts(code: Code, one: &Run, other: &Run) -> bool {
    let (one, other) = (one.attributes, other.attributes);
    let writes = |writer: landfall_audit::Attributes, code: landfall_audit::Attributes| {
        let is_code = code.executable() && !code.writable();
        writer.writable() && is_code && (!code.user() || writer.user())
    };
    match code {
        Code::AliasWx => writes(one, other) || writes(other, one),
        _ => one.memory() != other.memory(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_conflict_is_found_if_two_pages_conflict_and_names_such_a_page(mut machine in machine()) {
        let audit = machine.audit(Known::default());
        let runs = &audit.roots[0].runs;
        let pages: Vec<_> = runs
            .iter()
            .flat_map(|run| (0..run.size / PAGE).map(move |page| (run, run.phys.0 + page * PAGE)))
            .collect();
        for code in [Code::AliasWx, Code::AliasType] {
            let is_conflict = |(one, phys): &(&Run, u64)| {
                pages.iter().any(|(other, frame)| frame == phys && conflicts(code, one, other))
            };
            prop_assert_eq!(audit.findings.count(code) != 0, pages.iter().any(is_conflict), "{}", code);
            for finding in audit.findings.kept().iter().filter(|finding| finding.code == code) {
                let phys = finding.phys.unwrap_or(Phys(0)).0;
                let run = runs.iter().find(|run| run.span().contains(finding.span.start)).expect("a run");
                for page in (0..finding.span.size).step_by(4096) {
                    prop_assert!(is_conflict(&(run, phys + page)), "{}", finding.found);
                }
            }
            // Each run that begins in a frame with a conflict, and not before the other, is named.
            for (run, phys) in pages.iter().filter(|(run, phys)| run.phys.0 == *phys) {
                let later = pages.iter().any(|(other, frame)| {
                    frame == phys && other.phys.0 < run.phys.0 && conflicts(code, run, other)
                });
                let is_named = |finding: &landfall_audit::Finding| {
                    finding.code == code && finding.span.start == run.virt
                };
                prop_assert!(!later || audit.findings.kept().iter().any(is_named), "{} {:?}", code, run);
            }
        }
    }
}
