//! Tests of traps and interrupts.

use super::csr::status::{MXR, SDT, SIE, SPIE, SPP, SUM, UXL};
use super::testing::{config, hart, plain, world};
use super::trap::{Cause, Entry, Trap, enter, enter_interrupt, return_from};
use super::{Privilege, interrupt};
use crate::config::Config;
use crate::liberty::{Liberties, Liberty};

const BOTH: [Privilege; 2] = [Privilege::User, Privilege::Supervisor];

#[test]
fn a_trap_saves_the_interrupted_state_and_goes_to_the_vector() {
    for from in BOTH {
        for enabled in [0, SIE] {
            let (_, mut hart) = plain();
            hart.privilege = from;
            hart.pc = 0x8020_0002;
            hart.csrs.stvec = 0x8030_0001;
            // Fields of an earlier trap do not stay.
            hart.csrs.sstatus = UXL | SUM | MXR | enabled | if enabled == 0 { SPIE } else { 0 };
            let entry = enter(&mut hart, Trap::new(Cause::LoadPage, 0x1234));
            assert_eq!(entry, Entry::Taken);
            assert_eq!((hart.pc, hart.privilege), (0x8030_0000, Privilege::Supervisor));
            assert_eq!((hart.csrs.sepc, hart.csrs.scause, hart.csrs.stval), (0x8020_0002, 13, 0x1234));
            let saved =
                if from == Privilege::Supervisor { SPP } else { 0 } | if enabled == 0 { 0 } else { SPIE };
            assert_eq!(hart.csrs.sstatus, UXL | SUM | MXR | saved);
        }
    }
}

#[test]
fn an_interrupt_goes_to_its_own_vector_in_vectored_mode_alone() {
    for (stvec, target) in [(0x8030_0000, 0x8030_0000), (0x8030_0001, 0x8030_0024)] {
        let (_, mut hart) = plain();
        hart.csrs.stvec = stvec;
        assert_eq!(enter_interrupt(&mut hart, 9), Entry::Taken);
        assert_eq!((hart.pc, hart.csrs.scause, hart.csrs.stval), (target, 1 << 63 | 9, 0));
    }
}

#[test]
fn a_trap_sets_sdt_and_a_second_one_is_a_double_trap_that_changes_nothing() {
    let (_, mut hart) = plain();
    hart.features.double_trap = true;
    assert_eq!(enter(&mut hart, Trap::new(Cause::Breakpoint, 0)), Entry::Taken);
    assert_eq!(hart.csrs.sstatus & SDT, SDT);
    let (pc, csrs) = (hart.pc, format!("{:?}", hart.csrs));
    assert_eq!(enter(&mut hart, Trap::new(Cause::LoadAccess, 5)), Entry::Double);
    assert_eq!((hart.pc, format!("{:?}", hart.csrs)), (pc, csrs));
    return_from(&mut hart);
    assert_eq!(hart.csrs.sstatus & SDT, 0);
    assert_eq!(enter(&mut hart, Trap::new(Cause::LoadAccess, 5)), Entry::Taken);
}

#[test]
fn without_the_feature_a_trap_sets_no_sdt() {
    let (_, mut hart) = plain();
    for _ in 0..2 {
        assert_eq!(enter(&mut hart, Trap::new(Cause::Breakpoint, 0)), Entry::Taken);
    }
    assert_eq!(hart.csrs.sstatus & SDT, 0);
}

#[test]
fn sret_restores_privilege_and_interrupts() {
    for (before, privilege, after) in [
        (SPP, Privilege::Supervisor, SPIE),
        (SPP | SPIE, Privilege::Supervisor, SPIE | SIE),
        (0, Privilege::User, SPIE),
        (SIE, Privilege::User, SPIE),
        (SPIE | SDT, Privilege::User, SPIE | SIE),
    ] {
        let (_, mut hart) = plain();
        hart.csrs.sstatus = UXL | before;
        hart.csrs.sepc = 0x8020_0042;
        return_from(&mut hart);
        assert_eq!((hart.pc, hart.privilege), (0x8020_0042, privilege));
        assert_eq!(hart.csrs.sstatus, UXL | after);
    }
}

#[test]
fn interrupts_are_taken_by_priority_privilege_and_enables() {
    let (mut world, mut hart) = plain();
    world.now = 100;
    hart.csrs.timer = 10;
    hart.csrs.software_interrupt = true;
    // Privilege mode, sstatus.SIE, sie, and the interrupt taken.
    let supervisor = Privilege::Supervisor;
    for (privilege, enabled, sie, taken) in [
        (supervisor, 0, 0x222, None),
        (supervisor, SIE, 0, None),
        (supervisor, SIE, 0x222, Some(1)),
        (supervisor, SIE, 0x20, Some(5)),
        (supervisor, SIE, 0x200, None),
        (Privilege::User, 0, 0x222, Some(1)),
        (Privilege::User, SIE, 0x20, Some(5)),
        (Privilege::User, 0, 0, None),
    ] {
        hart.privilege = privilege;
        hart.csrs.sstatus = UXL | enabled;
        hart.csrs.sie = sie;
        assert_eq!(interrupt::pending(&hart, &world), taken, "{privilege:?} {enabled} {sie:#x}");
        assert_eq!(interrupt::wakes(&hart, &world), sie & 0x22 != 0);
    }
}

#[test]
fn the_timer_interrupts_at_its_time_if_it_is_enabled() {
    let (mut world, mut hart) = plain();
    hart.csrs.timer = 10;
    assert_eq!(interrupt::next_timer(&hart), None);
    hart.csrs.sie = interrupt::TIMER;
    assert_eq!(interrupt::next_timer(&hart), Some(10));
    for (now, wakes) in [(99, false), (100, true), (1000, true)] {
        world.now = now;
        assert_eq!(interrupt::wakes(&hart, &world), wakes);
    }
    hart.csrs.timer = u64::MAX;
    assert_eq!(interrupt::next_timer(&hart), None);
}

#[test]
fn the_boot_hart_is_never_lost_and_some_others_are() {
    let machine = |seed| -> Config { config(seed, Liberties::PLAIN.with(Liberty::LateHart)) };
    let mut lost = 0;
    for seed in 0..256 {
        let mut world = world(machine(seed));
        assert!(!hart(&mut world).lost);
        lost += usize::from(super::Hart::new(1, 7, &world.config, &mut world.choices).lost);
    }
    assert!((4..40).contains(&lost), "{lost}");
}
