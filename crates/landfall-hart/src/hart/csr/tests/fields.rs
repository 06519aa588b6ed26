//! Legal values of fields on a plain machine.

use super::*;
use crate::hart::testing::{config, hart, plain, world};
use crate::liberty::{Liberties, Liberty};

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
fn c910_alone_has_the_status_of_its_own_extensions() {
    for (liberty, status) in [(Liberty::C910Satp, Some(0)), (Liberty::Cip1200, None)] {
        let mut world = world(config(1, Liberties::PLAIN.with(liberty)));
        let hart = hart(&mut world);
        assert_eq!(super::super::read(&hart, &world, number::SXSTATUS), status, "{}", liberty.name());
    }
}
