//! Freedoms of CSRs: legal values, absent CSRs, entropy, and random values at a start.

use super::*;
use crate::hart::testing::{config, hart, plain, world};
use crate::hart::{Privilege, State};
use crate::liberty::{Liberties, Liberty};

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
        for (opst, count) in (0..).zip(&mut states) {
            *count += all.iter().filter(|&&state| state == opst).count();
        }
    }
    assert!(states.iter().all(|&count| count > 0), "{states:?}");
}

/// A tree that states Zkr says that `seed` is accessible to its reader: Linux's binding
/// `riscv/extensions.yaml`, `zkr`.
#[test]
fn a_tree_with_zkr_promises_access_to_the_entropy_source() {
    for seed in 0..64 {
        let mut world = world(config(seed, Liberties::worst()));
        let mut hart = hart(&mut world);
        let value = access(&mut hart, &mut world, number::SEED, WriteOnly, 0);
        assert!(value.is_ok(), "seed {seed}");
    }
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
        // Each machine has the values on which software relies.
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
