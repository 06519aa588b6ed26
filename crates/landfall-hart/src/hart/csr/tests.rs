//! Tests of CSRs: each field's legal values, on a plain machine and under liberties.

use crate::hart::testing::{config, hart, plain, world};
use crate::hart::{Hart, Privilege, State};
use crate::liberty::{Liberties, Liberty};
use crate::world::World;

use super::CsrOperation::{Clear, Read, Set, Write, WriteOnly};
use super::{access, number, status};

const ALL: u64 = u64::MAX;

/// Writes a CSR and returns what a read returns then.
fn written(hart: &mut Hart, world: &mut World, number: u16, value: u64) -> u64 {
    access(hart, world, number, WriteOnly, value).expect("writable");
    access(hart, world, number, Read, 0).expect("readable")
}

#[test]
fn each_field_takes_legal_values_alone() {
    let sv57 = |rest| 10 << 60 | rest;
    // The CSR, its value before, what is written, and what a read returns.
    let cases = [
        (number::SSTATUS, 0, 0, status::UXL),
        (number::SSTATUS, 0, ALL, 0x8000_0002_000c_6122),
        (number::SSTATUS, 0, 3 << 32, status::UXL),
        (number::SIE, 0, ALL, 0x222),
        (number::SIP, 0, ALL, 0x2),
        (number::STVEC, 0, 0x8000_0004, 0x8000_0004),
        (number::STVEC, 0, 0x8000_0005, 0x8000_0005),
        (number::STVEC, 0x44, 0x8000_0006, 0x44),
        (number::STVEC, 0x44, 0x8000_0007, 0x44),
        (number::SCOUNTEREN, 0, ALL, 0xffff_ffff),
        (number::SENVCFG, 0, ALL, 0xf1),
        (number::SENVCFG, 0x10, 0x20, 0x10),
        (number::SENVCFG, 0x10, 0xe0, 0xd0),
        (number::SSCRATCH, 0, ALL, ALL),
        (number::SEPC, 0, ALL, ALL - 1),
        (number::SCAUSE, 0, ALL, ALL),
        (number::STVAL, 0, ALL, ALL),
        (number::STIMECMP, 0, 77, 77),
        (number::SATP, 0, ALL >> 4, ALL >> 4),
        (number::SATP, 0, sv57(ALL >> 4), sv57(ALL >> 4)),
        (number::SATP, sv57(9), 1 << 60, sv57(9)),
        (number::SATP, sv57(9), 7 << 60, sv57(9)),
        (number::SATP, sv57(9), 11 << 60, sv57(9)),
        (number::SATP, sv57(9), 0, 0),
    ];
    for (number, before, value, expected) in cases {
        let (mut world, mut hart) = plain();
        access(&mut hart, &mut world, number, WriteOnly, before).expect("writable");
        let read = written(&mut hart, &mut world, number, value);
        assert_eq!(read, expected, "{number:#x} was {before:#x}, and {value:#x} was written");
    }
}

#[test]
fn set_and_clear_change_their_bits_and_return_the_value_before() {
    let (mut world, mut hart) = plain();
    let mut act = |operation, operand| access(&mut hart, &mut world, number::SSCRATCH, operation, operand);
    assert_eq!(act(Write, 0b0011), Ok(0));
    assert_eq!(act(Set, 0b0110), Ok(0b0011));
    assert_eq!(act(Clear, 0b0010), Ok(0b0111));
    assert_eq!(act(Read, ALL), Ok(0b0101));
}

#[test]
fn a_mode_wider_than_the_widest_leaves_satp() {
    for (widest, most) in [(crate::config::Mode::Sv39, 8), (crate::config::Mode::Sv48, 9)] {
        let mut machine = config(1, Liberties::PLAIN);
        machine.widest = widest;
        let mut world = world(machine);
        let mut hart = hart(&mut world);
        for mode in 0..16 {
            let supported = mode == 0 || (8..=most).contains(&mode);
            hart.csrs.satp = 8 << 60 | 1;
            let expected = if supported { mode << 60 | 2 } else { 8 << 60 | 1 };
            assert_eq!(written(&mut hart, &mut world, number::SATP, mode << 60 | 2), expected);
        }
    }
}

#[test]
fn bits_of_asid_beyond_the_implemented_ones_are_0() {
    for bits in 0..=16 {
        let mut machine = config(1, Liberties::PLAIN);
        machine.asid_bits = bits;
        let mut world = world(machine);
        let mut hart = hart(&mut world);
        let satp = written(&mut hart, &mut world, number::SATP, 8 << 60 | 0xffff << 44);
        assert_eq!(satp >> 44 & 0xffff, (1 << bits) - 1);
    }
}

#[test]
fn c910_clears_an_unsupported_mode_and_takes_the_rest() {
    let mut machine = config(1, Liberties::PLAIN.with(Liberty::C910Satp));
    machine.widest = crate::config::Mode::Sv39;
    let mut world = world(machine);
    let mut hart = hart(&mut world);
    hart.csrs.satp = 8 << 60 | 5;
    assert_eq!(written(&mut hart, &mut world, number::SATP, 10 << 60 | 3 << 44 | 7), 3 << 44 | 7);
}

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
    // sstateen0, scontext, siselect, hstatus, vsstatus, vstart, mstatus, mhartid, cycleh, scountovf.
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

#[test]
fn a_slow_entropy_source_waits_and_a_dead_one_stays_dead() {
    let mut states = [0; 4];
    for seed in 0..64 {
        let mut world = world(config(seed, Liberties::PLAIN.with(Liberty::SeedWait)));
        let mut hart = hart(&mut world);
        let mut opst = || access(&mut hart, &mut world, number::SEED, WriteOnly, 0).expect("a value") >> 30;
        let all: Vec<u64> = std::iter::repeat_with(&mut opst).take(200).collect();
        let dead = all[0] == 3;
        assert!(all.iter().all(|&state| (state == 3) == dead), "an error lasts, and only it");
        assert!(dead || all.contains(&2), "entropy comes in the end");
        assert!(!all[1..].contains(&0), "the self-test is over after the first read");
        all.iter().for_each(|&state| states[state as usize] += 1);
    }
    assert!(states.iter().all(|&count| count > 0), "{states:?}");
}

#[test]
fn warl_results_are_legal_and_differ_among_machines() {
    let mut vectors = Vec::new();
    let (mut floats, mut counters) = (Vec::new(), Vec::new());
    for seed in 0..64 {
        let mut world = world(config(seed, Liberties::PLAIN.with(Liberty::Warl)));
        let mut hart = hart(&mut world);
        hart.csrs.stvec = 0x44;
        vectors.push(written(&mut hart, &mut world, number::STVEC, 0x8000_0046));
        vectors.push(written(&mut hart, &mut world, number::STVEC, 0x8000_0045));
        floats.push(written(&mut hart, &mut world, number::SSTATUS, 1 << 13) & status::FS);
        counters.push(written(&mut hart, &mut world, number::SCOUNTEREN, ALL));
        // What software relies on holds on each machine.
        assert_eq!(written(&mut hart, &mut world, number::STVEC, 0x8000_0044), 0x8000_0044);
        for address in [0, 0x7f_ffff_f000, 0xffff_ffff_8000_0000, 0xff00_0000_0000_0000, 1 << 55] {
            assert_eq!(written(&mut hart, &mut world, number::STVAL, address), address);
            assert_eq!(written(&mut hart, &mut world, number::SEPC, address), address);
        }
        for cause in (0..32).chain([1 << 63 | 9]) {
            assert_eq!(written(&mut hart, &mut world, number::SCAUSE, cause), cause);
        }
        // An address that no mode permits stays one.
        let wrong = written(&mut hart, &mut world, number::STVAL, 0x8000_0000_1234_5678);
        assert!(wrong >> 56 != 0 && wrong.cast_signed() >> 56 != -1, "{wrong:#x}");
    }
    for (values, number) in [(&mut vectors, 4), (&mut floats, 2), (&mut counters, 64)] {
        values.sort_unstable();
        values.dedup();
        assert_eq!(values.len(), number, "{values:x?}");
    }
    assert_eq!(vectors, [0x44, 0x8000_0001, 0x8000_0044, 0x8000_0045]);
}

#[test]
fn optional_csrs_are_absent_on_some_machines_and_on_all_their_harts() {
    let mut absent = [0; 3];
    for seed in 0..64 {
        let mut machine = config(seed, Liberties::PLAIN.with(Liberty::AbsentCsr));
        (machine.extensions.zicbom, machine.extensions.zicboz) = (false, false);
        let mut world = world(machine);
        let mut hart = hart(&mut world);
        let other = Hart::new(1, 7, &world.config, &mut world.choices);
        assert_eq!(hart.implementation, other.implementation);
        for (at, number) in [number::SENVCFG, number::CYCLE, 0xc10].into_iter().enumerate() {
            absent[at] += usize::from(access(&mut hart, &mut world, number, Read, 0).is_err());
        }
    }
    assert!(absent.iter().all(|count| (10..54).contains(count)), "{absent:?}");
}

#[test]
fn a_hart_starts_with_what_the_sbi_specifies_and_random_registers_otherwise() {
    let mut satisfied = 0;
    for seed in 0..64 {
        let mut world = world(config(seed, Liberties::PLAIN.with(Liberty::RandomRegisters)));
        let mut hart = Hart::new(1, 7, &world.config, &mut world.choices);
        hart.start(0x8020_0000, 99, &mut world.choices);
        assert_eq!((hart.x[0], hart.x[10], hart.x[11], hart.pc), (0, 7, 99, 0x8020_0000));
        assert_eq!((hart.csrs.satp, hart.csrs.sstatus & status::SIE), (0, 0));
        assert_eq!((hart.privilege, hart.state), (Privilege::Supervisor, State::Started));
        assert_eq!(hart.csrs.sstatus & status::UXL, status::UXL);
        assert!(hart.x[12..].iter().all(|&register| register != 0));
        satisfied += usize::from(hart.csrs.sstatus & status::SDT != 0);
    }
    // SDT needs the feature of an earlier kernel too.
    assert!((4..32).contains(&satisfied), "{satisfied}");
    let (_, hart) = plain();
    assert!(hart.x[12..].iter().all(|&register| register == 0));
    assert_eq!(hart.csrs.sstatus, status::UXL);
}
