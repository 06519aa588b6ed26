//! Policy records of every version.

use landfall_paging::Mode::{Sv39, Sv48, Sv57};
use landfall_plan::Policy;
use landfall_plan::policy::{Disclosure, Kaslr, PolicyError, PolicyReadError, Starting};

/// A record of version 1, as a kernel of that time had it.
const FIRST: [u8; 24] = [1, 0, 0, 0, 8, 10, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];

fn changed(at: usize, value: u8) -> [u8; 24] {
    let mut record = FIRST;
    record[at] = value;
    record
}

#[test]
fn a_record_of_version_1_is_read_and_what_came_later_is_as_by_default() {
    let first = Policy::new().with_disclosure(Disclosure::Disclose);
    assert_eq!(Policy::read(&FIRST), Ok(first));
    for (record, expected) in [
        (changed(4, 9), first.with_modes(Sv48..=Sv57)),
        (changed(5, 8), first.with_modes(Sv39..=Sv39)),
        (changed(6, 1), first.with_kaslr(Kaslr::Disabled)),
        (changed(7, 0), Policy::new()),
        (changed(8, 1), first.with_starting(Starting::BootHart)),
        (changed(13, 0x20), first.with_stack_size(0x1_2000)),
    ] {
        assert_eq!(Policy::read(&record), Ok(expected));
    }
    let followed = [&FIRST[..], &[0xff; 300]].concat();
    assert_eq!(Policy::read(&followed), Ok(first), "other bytes may follow a record");
}

#[test]
fn a_record_of_version_1_that_no_policy_has_is_invalid() {
    let modes = |lowest, highest| PolicyError::Modes { lowest, highest };
    for (at, value, error) in [
        (4, 7, modes(7, 10)),
        (5, 11, modes(8, 11)),
        (6, 2, PolicyError::Choice { found: 2 }),
        (7, 3, PolicyError::Choice { found: 3 }),
        (8, 4, PolicyError::Choice { found: 4 }),
        (9, 5, PolicyError::Choice { found: 5 }),
        (11, 6, PolicyError::Choice { found: 6 }),
        (20, 7, PolicyError::Choice { found: 7 }),
        (23, 8, PolicyError::Choice { found: 8 }),
        (12, 1, PolicyError::Size { what: "stacks", found: 0x1_0001 }),
    ] {
        let found = Policy::read(&changed(at, value));
        assert_eq!(found, Err(PolicyReadError::Invalid(error)), "byte {at}");
    }
    let mut reversed = FIRST;
    (reversed[4], reversed[5]) = (10, 9);
    assert_eq!(Policy::read(&reversed), Err(PolicyReadError::Invalid(modes(10, 9))));
}

#[test]
fn a_record_of_this_version_is_read_alike_by_tools_and_kernels() {
    let policy = Policy::new().with_max_harts(3).with_near_size(0);
    assert_eq!(Policy::read(&policy.record()), Ok(policy));
    assert_eq!(Policy::from_record(&policy.record()), Ok(policy));
    let mut damaged = policy.record();
    damaged[9] = 7;
    assert_eq!(Policy::read(&damaged), Err(PolicyReadError::Invalid(PolicyError::Choice { found: 7 })));
}

#[test]
fn a_later_version_is_refused_by_its_number() {
    let mut record = Policy::new().record();
    record[..4].copy_from_slice(&(Policy::VERSION + 1).to_le_bytes());
    let error = Policy::read(&record).expect_err("a later version");
    assert_eq!(error, PolicyReadError::Newer { found: Policy::VERSION + 1 });
    let text = error.to_string();
    assert!(
        text.contains("version 3") && text.contains("up to 2") && text.contains("newer version"),
        "{text}"
    );
    record[..4].fill(0);
    let error = Policy::read(&record).expect_err("no version");
    assert_eq!(error, PolicyReadError::Invalid(PolicyError::Version { found: 0 }));
}

#[test]
fn a_record_that_is_cut_off_is_told_from_a_whole_one() {
    for (record, expected) in [(&FIRST[..], 24), (&Policy::new().record()[..], Policy::RECORD_SIZE)] {
        let version = u32::from_le_bytes([record[0], 0, 0, 0]);
        assert_eq!(Policy::record_size(version), Some(expected));
        for found in 4..expected {
            let error = Policy::read(&record[..found]).expect_err("cut off");
            assert_eq!(error, PolicyReadError::CutOff { found, expected });
        }
        let error = Policy::read(&record[..3]).expect_err("cut off").to_string();
        assert!(error.contains("0x3 bytes") && error.contains("0xf0"), "{error}");
    }
    assert_eq!((Policy::record_size(0), Policy::record_size(3)), (None, None));
}
