//! Hart states (HSM).

use super::*;
use crate::hart::State;
use crate::hart::testing::{FIRMWARE, RAM, RAM_LEN, ROM};
use crate::liberty::Liberty;

#[test]
fn a_start_needs_a_stopped_hart_and_executable_memory() {
    let end = RAM + RAM_LEN;
    let cases = [
        (7, RAM, 0),
        (70, RAM + 2, 0),
        (70, ROM, 0),
        (7, end - 2, 0),
        (7, end, INVALID_ADDRESS),
        (7, RAM + 1, INVALID_ADDRESS),
        (7, FIRMWARE, INVALID_ADDRESS),
        (7, 0, INVALID_ADDRESS),
        (7, 0x1000_0000, INVALID_ADDRESS),
        (7, u64::MAX - 1, INVALID_ADDRESS),
        (6, RAM, INVALID_PARAM),
        (u64::MAX, RAM, INVALID_PARAM),
        (5, RAM, ALREADY_AVAILABLE),
    ];
    for (id, entry, error) in cases {
        let result = call(&mut machine(), 0, extension::HSM, 0, &[id, entry, 1]);
        assert_eq!(result, (error, 0), "hart {id} at {entry:#x}");
    }
}

#[test]
fn a_started_hart_is_pending_until_its_turn() {
    let mut machine = machine();
    machine.world.now = 50;
    let status = |machine: &mut Machine, id| call(machine, 0, extension::HSM, 2, &[id]);
    assert_eq!(status(&mut machine, 7), (0, 1));
    assert_eq!(call(&mut machine, 0, extension::HSM, 0, &[7, RAM, 9]).0, 0);
    assert_eq!(status(&mut machine, 7), (0, 2));
    assert_eq!(machine.harts[1].state, State::StartPending { at: 50, entry: RAM, opaque: 9 });
    assert_eq!(call(&mut machine, 0, extension::HSM, 0, &[7, RAM, 9]).0, ALREADY_AVAILABLE);
    assert_eq!(status(&mut machine, 5), (0, 0));
    assert_eq!(status(&mut machine, 6).0, INVALID_PARAM);
}

#[test]
fn late_harts_begin_at_different_times_and_lost_ones_never() {
    let mut begins = Vec::new();
    for seed in 0..200 {
        let mut machine = Machine::new(config(seed, Liberties::PLAIN.with(Liberty::LateHart)));
        let lost = machine.harts[1].lost;
        let now = machine.world.now;
        assert_eq!(call(&mut machine, 0, extension::HSM, 0, &[7, RAM, 9]).0, 0);
        let State::StartPending { at, .. } = machine.harts[1].state else { panic!("no start is pending") };
        assert_eq!(at == u64::MAX, lost);
        assert!(lost || (now..now + 1_000_000).contains(&at));
        begins.push(at);
    }
    assert!(begins.contains(&u64::MAX));
    begins.sort_unstable();
    begins.dedup();
    assert!(begins.len() > 60, "{begins:?}");
}

#[test]
fn a_stopped_hart_can_start_again() {
    let mut machine = running();
    machine.harts[1].features.double_trap = true;
    assert_eq!(outcome(&mut machine, 1, extension::HSM, 1, &[]), None);
    assert_eq!(machine.harts[1].state, State::Stopped);
    assert!(!machine.harts[1].features.double_trap);
    assert_eq!(call(&mut machine, 0, extension::HSM, 2, &[7]), (0, 1));
    assert_eq!(call(&mut machine, 0, extension::HSM, 0, &[7, RAM, 9]), (0, 0));
}

#[test]
fn a_suspend_keeps_registers_or_resumes_at_an_address() {
    let cases = [
        (0, 0, 0, Some(None)),
        (0x8000_0000, RAM, 0, Some(Some((RAM, 8)))),
        (0xf_8000_0000, RAM, 0, Some(Some((RAM, 8)))),
        (0x8000_0000, FIRMWARE, INVALID_ADDRESS, None),
        (0x8000_0000, RAM + 1, INVALID_ADDRESS, None),
        (1, 0, INVALID_PARAM, None),
        (0x1000_0000, 0, INVALID_PARAM, None),
        (0x8000_0001, RAM, INVALID_PARAM, None),
        (0x9000_0000, RAM, INVALID_PARAM, None),
    ];
    for (kind, address, error, resume) in cases {
        let mut machine = running();
        assert_eq!(call(&mut machine, 2, extension::HSM, 3, &[kind, address, 8]), (error, 0));
        let expected = resume.map_or(State::Started, |resume| State::Suspended { resume });
        assert_eq!(machine.harts[2].state, expected, "{kind:#x}");
        let status = call(&mut machine, 0, extension::HSM, 2, &[70]);
        assert_eq!(status, (0, if resume.is_some() { 4 } else { 0 }));
    }
}
