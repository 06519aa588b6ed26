//! Tests of the search for the reasons of a failure.

use std::ops::ControlFlow;

use super::*;
use crate::config::{Kernel, Options};

/// `li t1, 1000000; loop: addi t1, t1, -1; bnez t1, loop; li a7, 8; ecall`
fn counts_and_ends() -> Options {
    let words: [u32; 6] = [0x000f_4337, 0x2403_0313, 0xfff3_0313, 0xfe03_1ee3, 0x0080_0893, 0x0000_0073];
    let code = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    Options { harts: 2, ..Options::new(Kernel::raw(code)) }
}

#[test]
fn a_set_of_liberties_has_those_that_only_shape_the_machine() {
    let options = counts_and_ends();
    let liberties = Liberties::worst();
    let config = Config::draw(3, liberties, &options).expect("a machine");
    let draw = |liberties| Config::draw(3, liberties, &options).ok();
    // The kernel "fails" where RAM is not at the usual place.
    let usual = Config::draw(3, Liberties::PLAIN, &options).expect("a machine").entry;
    assert_ne!(config.entry, usual);
    let explanation = explain_with(&config, draw, |machine| machine.world.config.entry != usual);
    let explanation = explanation.expect("it fails");
    assert_eq!(explanation.liberties.len(), 1, "{explanation}");
    assert!([Liberty::Devices, Liberty::Placement].contains(&explanation.liberties[0]), "{explanation}");
}

/// `beqz t2, 1f; 2: j 2b; 1: li a7, 8; ecall`
fn needs_a_register() -> Options {
    let words: [u32; 4] = [0x0003_8463, 0x0000_006f, 0x0080_0893, 0x0000_0073];
    let code = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    Options { harts: 2, ..Options::new(Kernel::raw(code)) }
}

#[test]
fn the_register_whose_value_decides_is_named() {
    let liberties = Liberties::PLAIN.with(Liberty::RandomRegisters);
    let config = Config::draw(1, liberties, &needs_a_register()).expect("a machine");
    // Two harts have chosen their features before, and hart 0 whether its registers are random.
    let explanation = explain(&config, 10_000, |_, outcome| outcome == Outcome::Limit);
    let decisive = explanation.expect("it fails").decisive;
    let text = decisive[0].to_string();
    let value = text.strip_prefix("decisive: choice 10 of random-registers: x7 of hart 0 is 0x");
    assert!(value.is_some_and(|value| value.contains(" at its start\n")), "{text}");
}

#[test]
fn a_watch_moves_no_choice_and_ends_the_run_when_it_breaks() {
    let config = Config::draw(7, Liberties::worst(), &counts_and_ends()).expect("a machine");
    let mut alone = Machine::new(config.clone());
    let outcome = alone.run(10_000_000);
    let mut watched = Machine::new(config.clone());
    let mut looks = 0_u64;
    let same = watched.run_watched(10_000_000, &mut |_| {
        looks += 1;
        ControlFlow::Continue(())
    });
    assert_eq!((same, watched.executed()), (Some(outcome), alone.executed()));
    assert!(looks > 1);
    let mut ended = Machine::new(config);
    assert_eq!(ended.run_watched(10_000_000, &mut |_| ControlFlow::Break(())), None);
    assert!(ended.executed() <= 4096);
}
