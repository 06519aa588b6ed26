//! Each liberty has a program that fails under it and passes without it.
//!
//! A program reports by the SBI: shutdown without a reason is a pass, with "system failure" a
//! failure. Anything else is no report, and fails the test.

mod assemble;
mod encode;
mod explain;
mod order;
mod program;
mod shapes;
mod svinval;
mod svvptc;
mod tables;
mod translation;
mod traps;

use std::collections::BTreeMap;

use landfall_hart::liberty::{Liberties, Liberty};

use program::{Care, Program};

const SEEDS: u64 = 64;

/// All programs.
fn programs() -> impl Iterator<Item = &'static Program> {
    [translation::PROGRAMS, svinval::PROGRAMS, svvptc::PROGRAMS, order::PROGRAMS, traps::PROGRAMS]
        .into_iter()
        .chain([shapes::PROGRAMS])
        .flatten()
}

/// Returns the number of seeds for which a program fails.
fn failures(program: &Program, liberties: Liberties, care: Care) -> usize {
    (0..SEEDS).filter(|&seed| program.run(seed, liberties, care).1).count()
}

#[test]
fn each_liberty_has_a_program() {
    for &liberty in Liberty::ALL {
        let count = programs().filter(|program| program.liberty == liberty).count();
        assert!(count > 0, "{} ({}) has no program", liberty.name(), liberty.section());
    }
}

#[test]
fn a_program_fails_under_its_liberty() {
    let mut faults = Vec::new();
    for program in programs() {
        let (name, section) = (program.liberty.name(), program.liberty.section());
        let count = failures(program, program.liberties(), Care::Missing);
        println!("{name:20} {count:2} of {SEEDS}");
        if count < program.fails {
            faults.push(format!("{name}: {count} seeds of {}; {section} permits it", program.fails));
        }
    }
    assert!(faults.is_empty(), "too few of {SEEDS} seeds fail:\n{}", faults.join("\n"));
}

#[test]
fn a_program_passes_without_its_liberty() {
    for program in programs() {
        let (name, section) = (program.liberty.name(), program.liberty.section());
        for liberties in [Liberties::PLAIN, program.liberties().without(program.liberty)] {
            let count = failures(program, liberties, Care::Missing);
            assert_eq!(count, 0, "{name} ({section}): failures without it, with {liberties:?}");
        }
    }
}

#[test]
fn a_program_passes_under_its_liberty_if_it_takes_care() {
    for program in programs() {
        let (name, section) = (program.liberty.name(), program.liberty.section());
        let count = failures(program, program.liberties(), Care::Taken);
        assert_eq!(count, 0, "{name} ({section}): failures in spite of care");
    }
}

#[test]
fn each_liberty_had_two_possible_results_somewhere() {
    let mut counts: BTreeMap<Liberty, u64> = BTreeMap::new();
    for program in programs() {
        for seed in 0..8 {
            let (machine, _) = program.run(seed, program.liberties(), Care::Missing);
            for liberty in program.liberties().iter() {
                *counts.entry(liberty).or_default() += machine.opportunities(liberty);
            }
        }
    }
    for liberty in Liberty::ALL {
        let count = counts.get(liberty).copied().unwrap_or(0);
        assert!(count > 0, "{} ({}) had no choice", liberty.name(), liberty.section());
    }
}
