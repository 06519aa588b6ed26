//! Firmware features (FWFT).

use super::*;
use crate::hart::csr::status;

const MISALIGNED: u64 = 0;
const DOUBLE_TRAP: u64 = 3;
const UPDATES_ENTRIES: u64 = 4;

fn set(machine: &mut Machine, feature: u64, value: u64, flags: u64) -> i64 {
    call(machine, 0, extension::FWFT, 0, &[feature, value, flags]).0
}

fn get(machine: &mut Machine, feature: u64) -> (i64, u64) {
    call(machine, 0, extension::FWFT, 1, &[feature])
}

#[test]
fn each_feature_has_its_value_at_reset_or_is_refused() {
    let cases = [
        (MISALIGNED, (0, 1)),
        (1, (NOT_SUPPORTED, 0)),
        (2, (NOT_SUPPORTED, 0)),
        (DOUBLE_TRAP, (0, 0)),
        (UPDATES_ENTRIES, (0, 1)),
        (5, (NOT_SUPPORTED, 0)),
        (6, (DENIED, 0)),
        (0x4000_0000, (DENIED, 0)),
        (0x8000_0000, (DENIED, 0)),
        (0xffff_ffff, (DENIED, 0)),
    ];
    for (feature, expected) in cases {
        let mut machine = machine();
        assert_eq!(get(&mut machine, feature), expected, "{feature:#x}");
        assert_eq!(set(&mut machine, feature, expected.1, 0), expected.0, "{feature:#x}");
    }
}

#[test]
fn features_need_their_extensions() {
    let mut config = config(1, Liberties::PLAIN);
    (config.extensions.ssdbltrp, config.extensions.svadu) = (false, false);
    let mut machine = Machine::new(config);
    for feature in [DOUBLE_TRAP, UPDATES_ENTRIES] {
        assert_eq!(get(&mut machine, feature), (NOT_SUPPORTED, 0));
        assert_eq!(set(&mut machine, feature, 1, 0), NOT_SUPPORTED);
    }
}

#[test]
fn a_set_checks_value_and_flags_and_a_lock_lasts() {
    for feature in [DOUBLE_TRAP, UPDATES_ENTRIES] {
        let mut machine = machine();
        assert_eq!(set(&mut machine, feature, 2, 0), INVALID_PARAM);
        assert_eq!(set(&mut machine, feature, 1, 2), INVALID_PARAM);
        assert_eq!(set(&mut machine, feature, 0, 0), 0);
        assert_eq!(get(&mut machine, feature), (0, 0));
        assert_eq!(set(&mut machine, feature, 1, 1), 0);
        assert_eq!(set(&mut machine, feature, 0, 0), DENIED_LOCKED);
        assert_eq!(set(&mut machine, feature, 1, 0), 0, "no change");
        assert_eq!(get(&mut machine, feature), (0, 1));
    }
    assert_eq!(set(&mut machine(), MISALIGNED, 0, 0), DENIED, "the firmware emulates no access");
}

#[test]
fn without_double_traps_sdt_is_clear() {
    let mut machine = machine();
    assert_eq!(set(&mut machine, DOUBLE_TRAP, 1, 0), 0);
    machine.harts[0].csrs.sstatus |= status::SDT;
    assert_eq!(set(&mut machine, DOUBLE_TRAP, 0, 0), 0);
    assert_eq!(machine.harts[0].csrs.sstatus & status::SDT, 0);
}
