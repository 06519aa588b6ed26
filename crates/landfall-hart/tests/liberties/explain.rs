//! The explanation of a failure names the store, the stale use and the fence of the program.

use landfall_hart::liberty::Liberty;
use landfall_hart::{Explanation, Outcome, explain};

use crate::program::{Care, LIMIT, Program};
use crate::programs;

/// Explains the failure of a liberty's first program with the first seed that fails.
fn explained(liberty: Liberty) -> (&'static Program, u64, Explanation) {
    let program = programs().find(|program| program.liberty == liberty).expect("a program");
    let failing = |seed: &u64| program.run(*seed, program.liberties(), Care::Missing).1;
    let seed = (0..64).find(failing).expect("a failure");
    let config = program.machine(seed, program.liberties(), Care::Missing);
    let entry = config.entry;
    let fails = |_: &_, outcome| outcome == Outcome::Shutdown { failed: true };
    (program, entry, explain(&config, LIMIT, fails).expect("an explanation"))
}

/// Checks the explanation against the labels `store` and `use` of the program.
fn check(liberty: Liberty, harts: (u64, u64), use_label: &str, fence: &str) {
    let (program, entry, explanation) = explained(liberty);
    assert_eq!(explanation.liberties, [liberty], "{explanation}");
    let [decisive] = explanation.decisive.as_slice() else { panic!("one choice decides: {explanation}") };
    assert_eq!(decisive.liberty, liberty);
    let stale = decisive.stale.unwrap_or_else(|| panic!("no stale use: {explanation}"));
    let labels = program.labels(Care::Missing);
    let at = |label: &str| entry + labels[label];
    assert_eq!((stale.writer, stale.writer_pc), (Some(harts.0), at("store")), "{explanation}");
    assert_eq!((stale.hart, stale.pc), (harts.1, at(use_label)), "{explanation}");
    assert_eq!(decisive.fence(&stale), fence);
    let text = explanation.to_string();
    assert!(text.contains(fence) && text.contains(liberty.section()), "{text}");
}

#[test]
fn a_stale_leaf_is_explained() {
    check(
        Liberty::StaleLeaf,
        (0, 0),
        "use",
        "sfence.vma with rs1 = 0x40000000 on hart 0, after the store and before the use",
    );
}

#[test]
fn a_store_before_the_root_is_explained() {
    check(
        Liberty::UnorderedRoot,
        (0, 0),
        "use",
        "sfence.vma with rs1 = x0 on hart 0, after the store and before its write of satp",
    );
}

#[test]
fn a_stale_fetch_is_explained() {
    check(
        Liberty::StaleFetch,
        (0, 0),
        "function",
        "fence.i on hart 0, after the store is visible to it and before the use",
    );
}

#[test]
fn a_late_store_is_explained() {
    check(
        Liberty::LateStore,
        (0, 1),
        "use",
        "fence w, w or a release on hart 0, after the store and before what publishes it",
    );
}

#[test]
fn an_old_load_is_explained() {
    check(
        Liberty::OldLoad,
        (0, 1),
        "use",
        "fence r, r or an acquire on hart 1, after the load that it follows and before the use",
    );
}

#[test]
fn a_rule_that_a_machine_takes_each_time_has_a_decisive_moment() {
    let (.., explanation) = explained(Liberty::LeafFence);
    assert_eq!(explanation.liberties, [Liberty::StaleTable, Liberty::LeafFence], "{explanation}");
    let decisive = explanation.decisive.iter().find(|choice| choice.liberty == Liberty::LeafFence);
    assert_eq!(decisive.map(|choice| choice.event), Some(1), "{explanation}");
    assert!(explanation.to_string().contains("covered by: sfence.vma with rs1 = x0\n"), "{explanation}");
}

#[test]
fn an_invalidation_is_explained_by_the_fences_around_it() {
    let (.., explanation) = explained(Liberty::UnorderedSinval);
    assert_eq!(explanation.liberties, [Liberty::StaleLeaf, Liberty::UnorderedSinval], "{explanation}");
    let fences = "covered by: sfence.w.inval before the sinval.vma, and sfence.inval.ir after it\n";
    assert!(explanation.to_string().contains(fences), "{explanation}");
}

#[test]
fn an_unordered_call_is_explained_by_the_fence_before_it() {
    let (.., explanation) = explained(Liberty::UnorderedCall);
    assert!(explanation.liberties.contains(&Liberty::UnorderedCall), "{explanation}");
    assert!(explanation.to_string().contains("covered by: fence rw, ow before the call"), "{explanation}");
}
