//! Policy records of every version.

use landfall_paging::Mode::{Sv39, Sv48, Sv57};
use landfall_paging::{VirtAddr, VirtRange};
use landfall_plan::Policy;
use landfall_plan::policy::{Disclosure, Kaslr, Modes, PolicyError, PolicyReadError, Starting};

/// A record of version 1, as a kernel of that time had it.
const FIRST: [u8; 24] = [1, 0, 0, 0, 8, 10, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// A record of version 2, as a kernel of that time had it. It has modes, sizes, a limit of harts, a
/// pin in sv39 and a window in sv48.
fn second() -> [u8; 240] {
    let mut record = [0; 240];
    let mut put = |at: usize, bytes: &[u8]| record[at..at + bytes.len()].copy_from_slice(bytes);
    put(0x00, &[2, 0, 0, 0, 8, 9, 0, 1]);
    for (at, word) in [
        (0x10, 0x2_0000_u64),
        (0x18, 0x800_0000),
        (0x20, 0x4_0000_0000),
        (0x30, 3),
        (0x50, 0xffff_ffff_8000_0000),
        (0x70, 0xffff_9000_0000_0000),
        (0x78, 0x4000_0000),
    ] {
        put(at, &word.to_le_bytes());
    }
    put(0x68, &[9]);
    record
}

#[test]
fn a_record_of_version_2_is_read_and_has_no_crash_memory() {
    let window = VirtRange::new(VirtAddr::new(0xffff_9000_0000_0000), 1 << 30);
    let expected = Policy::new()
        .with_modes(Sv39..=Sv48)
        .with_disclosure(Disclosure::Disclose)
        .with_stack_size(128 << 10)
        .with_max_harts(3)
        .with_kernel_pin(Modes::Only(Sv39), VirtAddr::new(0xffff_ffff_8000_0000))
        .with_window(Modes::Only(Sv48), window);
    assert_eq!(Policy::read(&second()), Ok(expected));
    assert_eq!(expected.crash_memory(), 0);
    let followed = [&second()[..], &[0xff; 300]].concat();
    assert_eq!(Policy::read(&followed), Ok(expected), "other bytes may follow a record");
    let mut damaged = second();
    damaged[9] = 7;
    assert_eq!(Policy::read(&damaged), Err(PolicyReadError::Invalid(PolicyError::Choice { found: 7 })));
}

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
    let policy = Policy::new().with_max_harts(3).with_crash_memory(64 << 20);
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
        text.contains("version 4") && text.contains("up to 3") && text.contains("newer version"),
        "{text}"
    );
    record[..4].fill(0);
    let error = Policy::read(&record).expect_err("no version");
    assert_eq!(error, PolicyReadError::Invalid(PolicyError::Version { found: 0 }));
}

#[test]
fn a_record_that_is_cut_off_is_told_from_a_whole_one() {
    for (record, expected) in
        [(&FIRST[..], 24), (&second()[..], 240), (&Policy::new().record()[..], Policy::RECORD_SIZE)]
    {
        let version = u32::from_le_bytes([record[0], 0, 0, 0]);
        assert_eq!(Policy::record_size(version), Some(expected));
        for found in 4..expected {
            let error = Policy::read(&record[..found]).expect_err("cut off");
            assert_eq!(error, PolicyReadError::CutOff { found, expected });
        }
        let error = Policy::read(&record[..3]).expect_err("cut off").to_string();
        assert!(error.contains("0x3 bytes") && error.contains("0xf8"), "{error}");
    }
    assert_eq!((Policy::record_size(0), Policy::record_size(4)), (None, None));
}
