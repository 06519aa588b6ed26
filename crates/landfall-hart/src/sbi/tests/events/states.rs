//! States of events and of harts.

use super::*;

#[test]
fn events_that_the_machine_lacks_are_not_supported_and_others_invalid() {
    let mut config = config(1, Liberties::PLAIN);
    config.extensions.ssdbltrp = false;
    let mut machine = Machine::new(config);
    for number in [0, 1, 0x8000, 0x1_0000, 0x10_0000, 0x10_8000] {
        assert_eq!(sse(&mut machine, 0, REGISTER, &[number, HANDLER, 0]), NOT_SUPPORTED);
    }
    for number in [2, 0x4000, 0x1_0001, 0xffff_0001, 0xffff_c000] {
        assert_eq!(sse(&mut machine, 0, REGISTER, &[number, HANDLER, 0]), INVALID_PARAM);
    }
    assert_eq!(sse(&mut self::machine(), 0, REGISTER, &[1, HANDLER, 0]), 0);
}

#[test]
fn each_function_needs_its_state() {
    for number in [LOCAL, GLOBAL, DOUBLE_TRAP].map(u64::from) {
        let mut machine = machine();
        let mut step = |function| sse(&mut machine, 0, function, &[number, HANDLER, 0]);
        for (function, error) in [
            (UNREGISTER, INVALID_STATE),
            (ENABLE, INVALID_STATE),
            (DISABLE, INVALID_STATE),
            (REGISTER, 0),
            (REGISTER, INVALID_STATE),
            (DISABLE, INVALID_STATE),
            (ENABLE, 0),
            (ENABLE, INVALID_STATE),
            (REGISTER, INVALID_STATE),
            (UNREGISTER, INVALID_STATE),
            (DISABLE, 0),
            (UNREGISTER, 0),
            (REGISTER, 0),
        ] {
            assert_eq!(step(function), error, "function {function} of {number:#x}");
        }
    }
    assert_eq!(sse(&mut machine(), 0, REGISTER, &[u64::from(LOCAL), HANDLER + 1, 0]), INVALID_PARAM);
}

#[test]
fn harts_are_masked_at_first() {
    let mut machine = machine();
    for (function, error) in
        [(MASK, ALREADY_STOPPED), (UNMASK, 0), (UNMASK, ALREADY_STARTED), (MASK, 0), (MASK, ALREADY_STOPPED)]
    {
        assert_eq!(sse(&mut machine, 0, function, &[]), error);
    }
}
