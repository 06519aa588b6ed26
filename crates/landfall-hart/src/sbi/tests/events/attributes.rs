//! Attributes of events.

use super::*;
use crate::hart::testing::FIRMWARE;

#[test]
fn attributes_are_written_in_their_states_with_legal_values() {
    let wide = 1 << 32;
    // The attribute, the value, and the error while the event is unused, enabled, and running.
    let cases = [
        (0, 0, DENIED, DENIED, DENIED),
        (1, 9, 0, INVALID_STATE, INVALID_STATE),
        (1, wide, INVALID_PARAM, INVALID_STATE, INVALID_STATE),
        (2, 1, 0, INVALID_STATE, INVALID_STATE),
        (2, 2, INVALID_PARAM, INVALID_STATE, INVALID_STATE),
        (3, 5, DENIED, DENIED, DENIED),
        (4, 0, DENIED, DENIED, DENIED),
        (5, 0, DENIED, DENIED, DENIED),
        (6, RAM, INVALID_STATE, INVALID_STATE, 0),
        (7, 0x23, INVALID_STATE, INVALID_STATE, 0),
        (7, 0x04, INVALID_STATE, INVALID_STATE, INVALID_PARAM),
        (8, 1, INVALID_STATE, INVALID_STATE, 0),
        (9, 1, INVALID_STATE, INVALID_STATE, 0),
        (10, 0, BAD_RANGE, BAD_RANGE, BAD_RANGE),
    ];
    for (attribute, value, unused, enabled, running) in cases {
        let mut machine = machine();
        assert_eq!(write(&mut machine, 0, LOCAL, attribute, value), unused, "{attribute} unused");
        let mut machine = self::machine();
        listen(&mut machine, 0, LOCAL, HANDLER);
        assert_eq!(write(&mut machine, 0, LOCAL, attribute, value), enabled, "{attribute} enabled");
        sse(&mut machine, 0, INJECT, &[u64::from(LOCAL), 5]);
        assert_eq!(write(&mut machine, 0, LOCAL, attribute, value), running, "{attribute} running");
    }
    assert_eq!(write(&mut machine(), 0, GLOBAL, 3, 70), 0);
    assert_eq!(write(&mut machine(), 0, GLOBAL, 3, 71), INVALID_PARAM);
}

#[test]
fn ranges_of_attributes_are_checked_and_a_write_is_whole_or_none() {
    let mut machine = machine();
    let number = u64::from(LOCAL);
    for (first, count, low, high, error) in [
        (0, 10, RAM, 0, 0),
        (0, 0, RAM, 0, INVALID_PARAM),
        (0, 11, RAM, 0, BAD_RANGE),
        (9, 2, RAM, 0, BAD_RANGE),
        (0xffff_ffff, 1, RAM, 0, BAD_RANGE),
        (0, 1, RAM + 4, 0, INVALID_ADDRESS),
        (0, 1, FIRMWARE, 0, INVALID_ADDRESS),
        (0, 1, RAM, 1, INVALID_ADDRESS),
    ] {
        assert_eq!(sse(&mut machine, 0, READ, &[number, first, count, low, high]), error);
    }
    for (at, value) in [5_u64, 2].into_iter().enumerate() {
        machine.world.memory.write(RAM + 8 * at as u64, &value.to_le_bytes()).expect("RAM");
    }
    assert_eq!(sse(&mut machine, 0, WRITE, &[number, 1, 2, RAM, 0]), INVALID_PARAM);
    assert_eq!(attribute(&mut machine, 0, LOCAL, 1), 0);
}

#[test]
fn attributes_come_after_the_callers_own_stores_to_that_memory() {
    for seed in 0..32 {
        let liberties = Liberties::PLAIN.with(crate::liberty::Liberty::LateStore);
        let mut machine = Machine::new(config(seed, liberties));
        let Machine { harts, world, .. } = &mut machine;
        for _ in 0..8 {
            world.store(&mut harts[0], RAM + 64, 8, u64::MAX).expect("RAM");
        }
        // The event's STATUS is 8: software can inject it.
        assert_eq!(sse(&mut machine, 0, READ, &[u64::from(LOCAL), 0, 1, RAM + 64, 0]), 0);
        machine.harts[0].retired += 100_000;
        machine.leave_due(0);
        let Machine { harts, world, .. } = &mut machine;
        assert_eq!(world.load(&mut harts[0], RAM + 64, 8), Ok(8));
    }
}
