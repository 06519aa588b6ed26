//! The simulator's order of memory, by generated tests.

use landfall_litmus::check::{Effort, Reason, check, check_all};
use landfall_litmus::shapes;

/// Returns the generated test with a name.
fn shape(name: &str) -> landfall_litmus::test::Test {
    shapes::all().into_iter().find(|test| test.name == name).unwrap_or_else(|| panic!("{name} exists"))
}

#[test]
fn no_generated_test_shows_a_forbidden_outcome() {
    let reports = check_all(&shapes::all(), Effort { machines: 2, rounds: 100 }, |_| {});
    let forbidden: Vec<String> = reports
        .iter()
        .map(|report| report.as_ref().unwrap_or_else(|error| panic!("{error}")))
        .flat_map(|report| report.forbidden.iter().map(|outcome| format!("{}: {outcome}", report.name)))
        .collect();
    assert_eq!(forbidden, Vec::<String>::new());
}

#[test]
fn each_weak_shape_shows_all_its_outcomes() {
    for name in [
        "MP+po+po",
        "SB+po+po",
        "S+po+po",
        "R+po+po",
        "2+2W+po+po",
        "WRC+po+po",
        "RWC+po+po",
        "IRIW+po+po",
        "MP+fence.w.w+ctrl",
        "SB+fence.tso+fence.tso",
        "own-store",
        "feed+ctrl",
        "neighbors",
        "neighbors-stored",
    ] {
        let report = check(&shape(name), Effort { machines: 200, rounds: 200 }).expect("the test runs");
        let missing: Vec<_> =
            report.never.iter().filter(|never| never.reason != Reason::LoadBuffering).collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
    }
}

#[test]
fn load_buffering_does_not_appear() {
    let report = check(&shape("LB+po+po"), Effort { machines: 4, rounds: 200 }).expect("the test runs");
    assert!(report.never.iter().any(|never| never.reason == Reason::LoadBuffering), "{report:?}");
}
