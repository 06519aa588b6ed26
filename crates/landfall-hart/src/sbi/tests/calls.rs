//! Base, console, reset, timer, and the legacy functions of these.

use super::*;
use crate::hart::interrupt;
use crate::hart::testing::{FIRMWARE, RAM, RAM_LEN, ROM};
use crate::liberty::Liberty;

#[test]
fn unknown_extensions_and_functions_are_not_supported() {
    // PMU, STA, CPPC, SUSP, MPXY, DBTR, NACL, an experimental one, and EIDs that are no 32 bits.
    let unknown = [
        0x50_4d55,
        0x53_5441,
        0x4350_5043,
        0x5355_5350,
        0x4d50_5859,
        0x4442_5452,
        0x4e41_434c,
        0x0800_0000,
        0x1_0000_0010,
        u64::MAX,
    ];
    for extension in unknown {
        assert_eq!(call(&mut machine(), 0, extension, 0, &[]).0, NOT_SUPPORTED, "{extension:#x}");
        assert_eq!(call(&mut machine(), 0, extension::BASE, 3, &[extension]), (0, 0), "{extension:#x}");
    }
    for &extension in extension::ALL {
        assert_eq!(call(&mut machine(), 0, extension, 99, &[0; 6]).0, NOT_SUPPORTED, "{extension:#x}");
        assert_eq!(call(&mut machine(), 0, extension::BASE, 3, &[extension]), (0, 1), "{extension:#x}");
    }
    for legacy in 0..16 {
        let known = u64::from(legacy <= 8);
        assert_eq!(call(&mut machine(), 0, extension::BASE, 3, &[legacy]), (0, known));
    }
}

#[test]
fn a_call_keeps_all_registers_but_a0_and_a1() {
    let mut machine = machine();
    machine.harts[0].x = std::array::from_fn(|register| register as u64 * 3);
    (machine.harts[0].x[16], machine.harts[0].x[17]) = (0, extension::BASE);
    let before = machine.harts[0].x;
    assert_eq!(super::super::call(&mut machine, 0), None);
    let mut expected = before;
    (expected[10], expected[11]) = (0, 3 << 24);
    assert_eq!(machine.harts[0].x, expected);
}

#[test]
fn the_part_has_its_ids() {
    let ids = |liberties| {
        let mut machine = Machine::new(config(1, liberties));
        [4, 5, 6].map(|function| call(&mut machine, 0, extension::BASE, function, &[]).1)
    };
    let c910 = [0x5b7, 0, 0];
    let u74 = [0x489, 0x8000_0000_0000_0007, 0x2018_1004];
    assert_eq!(ids(Liberties::PLAIN), [0; 3]);
    assert_eq!(ids(Liberties::PLAIN.with(Liberty::C910Satp)), c910);
    assert_eq!(ids(Liberties::PLAIN.with(Liberty::Cip1200)), u74);
    assert!([c910, u74].contains(&ids(Liberties::errata())));
}

#[test]
fn a_write_prints_what_memory_holds_and_refuses_what_the_caller_cannot_read() {
    let end = RAM + RAM_LEN;
    let cases = [
        (5, RAM + 3, 0, (0, 5)),
        (2, end - 2, 0, (0, 2)),
        (0, 0, 0, (0, 0)),
        (1, ROM, 0, (0, 1)),
        (3, end - 2, 0, (INVALID_PARAM, 0)),
        (1, FIRMWARE, 0, (INVALID_PARAM, 0)),
        (2, RAM - 1, 0, (INVALID_PARAM, 0)),
        (1, 0, 0, (INVALID_PARAM, 0)),
        (1, RAM, 1, (INVALID_PARAM, 0)),
        (u64::MAX, RAM, 0, (INVALID_PARAM, 0)),
    ];
    for (len, low, high, expected) in cases {
        let mut machine = machine();
        machine.world.memory.write(RAM + 3, b"hello").expect("RAM");
        machine.world.memory.write(end - 2, b"ok").expect("RAM");
        let result = call(&mut machine, 0, extension::DBCN, 0, &[len, low, high]);
        assert_eq!(result, expected, "{len} bytes at {low:#x}");
        let printed: &[u8] = match result {
            (0, 5) => b"hello",
            (0, 2) => b"ok",
            (0, 1) => b"\0",
            _ => b"",
        };
        assert_eq!(machine.output(), printed);
    }
}

#[test]
fn bytes_are_printed_and_read_one_by_one() {
    let mut machine = machine();
    assert_eq!(call(&mut machine, 0, extension::DBCN, 2, &[u64::from(b'a') | 0x100]), (0, 0));
    machine.harts[0].x[11] = 9;
    assert_eq!(call(&mut machine, 0, 1, 0, &[u64::from(b'b'), 9]), (0, 9));
    assert_eq!(machine.output(), b"ab");
    assert_eq!(call(&mut machine, 0, extension::DBCN, 1, &[4, RAM, 0]), (0, 0));
    assert_eq!(call(&mut machine, 0, 2, 0, &[]).0, -1);
    machine.world.devices.feed(b"input");
    assert_eq!(call(&mut machine, 0, extension::DBCN, 1, &[4, ROM, 0]), (INVALID_PARAM, 0));
    assert_eq!(call(&mut machine, 0, 2, 0, &[]).0, i64::from(b'i'));
    for (count, expected) in [(3, b"npu\0"), (1, b"tpu\0"), (0, b"tpu\0")] {
        assert_eq!(call(&mut machine, 0, extension::DBCN, 1, &[3, RAM, 0]), (0, count));
        let mut bytes = [9; 4];
        machine.world.memory.read(RAM, &mut bytes).expect("RAM");
        assert_eq!(&bytes, expected);
    }
}

#[test]
fn a_reset_ends_the_machine_or_is_refused() {
    let shutdown = |failed| Some(Outcome::Shutdown { failed });
    let cases = [
        (0, 0, shutdown(false)),
        (0, 1, shutdown(true)),
        (0x5_0000_0000, 0x6_0000_0001, shutdown(true)),
        (1, 0, Some(Outcome::Reboot)),
        (2, 1, Some(Outcome::Reboot)),
        (3, 0, None),
        (0xf000_0000, 0, None),
        (0, 2, None),
        (0, 0xe000_0000, None),
        (0, 0xf000_0000, None),
    ];
    for (kind, reason, expected) in cases {
        let mut machine = machine();
        assert_eq!(outcome(&mut machine, 0, extension::SRST, 0, &[kind, reason]), expected);
        if expected.is_none() {
            assert_eq!(machine.harts[0].x[10].cast_signed(), INVALID_PARAM);
        }
    }
    assert_eq!(outcome(&mut machine(), 0, 8, 0, &[]), shutdown(false));
}

#[test]
fn a_timer_is_pending_from_its_time_on_and_a_later_one_clears_it() {
    for (extension, sstc) in [(extension::TIME, true), (extension::TIME, false), (0, true), (0, false)] {
        let mut config = config(1, Liberties::PLAIN);
        config.extensions.sstc = sstc;
        let mut machine = Machine::new(config);
        machine.world.now = 1000;
        let mut timer = |time| {
            assert_eq!(call(&mut machine, 0, extension, 0, &[time]).0, 0);
            interrupt::sip(&machine.harts[0], &machine.world) & interrupt::TIMER != 0
        };
        assert!(!timer(101));
        assert!(timer(100));
        assert!(!timer(u64::MAX));
    }
}
