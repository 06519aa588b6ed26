//! The model finds each flaw of a program, and nothing in a correct one.

use super::program::{Flaw, Program};
use super::random::Random;

/// Returns the first harm within this number of steps.
fn harm(flaw: Flaw, seed: u64, steps: u32) -> Option<String> {
    let mut random = Random(seed);
    let mut program = Program::new(flaw);
    (0..steps).find_map(|_| program.step(&mut random))
}

#[test]
fn a_correct_program_raises_no_alarm() {
    for seed in 1..=4 {
        assert_eq!(harm(Flaw::None, seed, 4_000), None);
    }
}

#[test]
fn each_flaw_raises_an_alarm() {
    for flaw in [
        Flaw::NoDataFence,
        Flaw::NoFence,
        Flaw::OneHartLess,
        Flaw::AnotherPage,
        Flaw::AnotherAsid,
        Flaw::AsidForGlobal,
        Flaw::AddressForTables,
        Flaw::NoFenceForNew,
        Flaw::MaskForgetsSwitch,
    ] {
        for seed in 1..=4 {
            assert!(harm(flaw, seed, 200).is_some(), "{flaw:?}, seed {seed}");
        }
    }
}
