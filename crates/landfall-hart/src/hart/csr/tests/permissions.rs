//! Accesses that trap, and CSRs that follow the state of the machine.

use super::*;
use crate::hart::Privilege;
use crate::hart::testing::{config, hart, plain, world};
use crate::liberty::Liberties;

#[test]
fn user_mode_reaches_its_own_csrs_alone() {
    let user = [number::FFLAGS, number::FRM, number::FCSR, number::CYCLE, number::TIME, number::INSTRET];
    let supervisor = [
        number::SSTATUS,
        number::SIE,
        number::STVEC,
        number::SCOUNTEREN,
        number::SENVCFG,
        number::SSCRATCH,
        number::SEPC,
        number::SCAUSE,
        number::STVAL,
        number::SIP,
        number::STIMECMP,
        number::SATP,
    ];
    let (mut world, mut hart) = plain();
    hart.csrs.sstatus |= status::FS;
    hart.csrs.scounteren = 7;
    for privilege in [Privilege::Supervisor, Privilege::User] {
        hart.privilege = privilege;
        for number in user {
            assert!(access(&mut hart, &mut world, number, Read, 0).is_ok(), "{number:#x}");
        }
        for number in supervisor {
            let permitted = privilege == Privilege::Supervisor;
            assert_eq!(access(&mut hart, &mut world, number, Read, 0).is_ok(), permitted, "{number:#x}");
        }
    }
    assert!(access(&mut hart, &mut world, number::SEED, Write, 0).is_err());
}

#[test]
fn csrs_that_no_hart_has_trap() {
    let (mut world, mut hart) = plain();
    // sstateen0, scontext, siselect, hstatus, vsstatus, vstart, mstatus, mhartid, cycleh, and
    // scountovf.
    for number in [0x10c, 0x5a8, 0x150, 0x600, 0x200, 0x008, 0x300, 0xf14, 0xc80, 0xda0] {
        assert!(access(&mut hart, &mut world, number, Read, 0).is_err(), "{number:#x}");
    }
}

#[test]
fn counters_are_read_only_and_scounteren_withholds_them_from_user_mode() {
    let (mut world, mut hart) = plain();
    world.now = 1234;
    hart.retired = 7;
    for (number, value) in [(number::CYCLE, 1234), (number::TIME, 123), (number::INSTRET, 7), (0xc1f, 0)] {
        assert_eq!(access(&mut hart, &mut world, number, Read, 0), Ok(value));
        assert!(access(&mut hart, &mut world, number, Set, 0).is_err());
        assert!(access(&mut hart, &mut world, number, WriteOnly, 0).is_err());
        let bit = number - number::CYCLE;
        hart.privilege = Privilege::User;
        hart.csrs.scounteren = 1 << bit;
        assert_eq!(access(&mut hart, &mut world, number, Read, 0), Ok(value));
        hart.csrs.scounteren = !(1 << bit);
        assert!(access(&mut hart, &mut world, number, Read, 0).is_err());
        hart.privilege = Privilege::Supervisor;
    }
}

#[test]
fn an_absent_extension_takes_its_csrs_and_fields_along() {
    let mut machine = config(1, Liberties::PLAIN);
    let extensions = &mut machine.extensions;
    (extensions.sstc, extensions.zkr, extensions.time) = (false, false, false);
    (extensions.zicbom, extensions.zicboz, extensions.ssdbltrp) = (false, false, false);
    let mut world = world(machine);
    let mut hart = hart(&mut world);
    for (number, operation) in [(number::STIMECMP, Read), (number::SEED, Write), (number::TIME, Read)] {
        assert!(access(&mut hart, &mut world, number, operation, 0).is_err(), "{number:#x}");
    }
    assert_eq!(written(&mut hart, &mut world, number::SENVCFG, ALL), 1);
}

#[test]
fn floating_point_csrs_trap_while_fs_is_off_and_a_write_makes_it_dirty() {
    for (number, value, fcsr) in
        [(number::FFLAGS, 0x3f, 0x1f), (number::FRM, 0xf, 0xe0), (number::FCSR, ALL, 0xff)]
    {
        let (mut world, mut hart) = plain();
        assert!(access(&mut hart, &mut world, number, Read, 0).is_err());
        assert!(access(&mut hart, &mut world, number, Write, 0).is_err());
        hart.csrs.sstatus |= 1 << 13;
        written(&mut hart, &mut world, number, value);
        assert_eq!(hart.csrs.fcsr, fcsr);
        assert_eq!(written(&mut hart, &mut world, number, 1), 1);
        assert_eq!(hart.csrs.sstatus & status::FS, status::FS_DIRTY);
    }
}

#[test]
fn sdt_exists_once_the_firmware_enables_it_and_holds_sie_clear() {
    let (mut world, mut hart) = plain();
    assert_eq!(written(&mut hart, &mut world, number::SSTATUS, status::SDT), status::UXL);
    hart.features.double_trap = true;
    let both = status::SDT | status::SIE;
    assert_eq!(written(&mut hart, &mut world, number::SSTATUS, both), status::UXL | status::SDT);
    assert_eq!(
        access(&mut hart, &mut world, number::SSTATUS, Set, status::SIE),
        Ok(status::UXL | status::SDT)
    );
    assert_eq!(hart.csrs.sstatus & status::SIE, 0);
    assert_eq!(written(&mut hart, &mut world, number::SSTATUS, status::SIE), status::UXL | status::SIE);
}

#[test]
fn sip_shows_timer_and_software_interrupts() {
    let (mut world, mut hart) = plain();
    hart.csrs.timer = 5;
    world.now = 49;
    assert_eq!(access(&mut hart, &mut world, number::SIP, Read, 0), Ok(0));
    world.now = 50;
    assert_eq!(access(&mut hart, &mut world, number::SIP, Write, 0x222), Ok(0x20));
    assert_eq!(access(&mut hart, &mut world, number::SIP, Clear, 0x222), Ok(0x22));
    assert_eq!(access(&mut hart, &mut world, number::SIP, Read, 0), Ok(0x20));
}

#[test]
fn seed_must_be_written_and_returns_16_bits_of_entropy() {
    let (mut world, mut hart) = plain();
    assert!(access(&mut hart, &mut world, number::SEED, Read, 0).is_err());
    let mut values = Vec::new();
    for operation in [Write, WriteOnly, Set, Clear] {
        let value = access(&mut hart, &mut world, number::SEED, operation, ALL).expect("ES16");
        assert_eq!(value >> 16, 2 << 14);
        values.push(value);
    }
    values.sort_unstable();
    values.dedup();
    assert_eq!(values.len(), 4, "each value is another");
}
