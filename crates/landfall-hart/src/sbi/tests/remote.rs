//! Interrupts and fences of other harts: IPI, RFENCE, and the legacy functions of these.

use super::super::fence::translations;
use super::super::{Error, targets};
use super::*;
use crate::hart::State;
use crate::hart::testing::RAM;
use crate::liberty::Liberty;
use crate::machine::Message;

/// Returns the harts whose software interrupt is pending.
fn interrupted(machine: &Machine) -> Vec<usize> {
    let harts = machine.harts.iter().enumerate();
    harts.filter(|(_, hart)| hart.csrs.software_interrupt).map(|(index, _)| index).collect()
}

#[test]
fn a_mask_names_harts_by_id() {
    let all = Ok(vec![0, 1, 2]);
    let cases = [
        (0, 0, Ok(vec![])),
        (1 << 5, 0, Ok(vec![0])),
        (1 << 5 | 1 << 7, 0, Ok(vec![0, 1])),
        (0b101, 5, Ok(vec![0, 1])),
        (1 << 63 | 1, 7, Ok(vec![1, 2])),
        (1, 70, Ok(vec![2])),
        (0, u64::MAX, all.clone()),
        (1 << 6, u64::MAX, all),
        (1, 0, Err(Error::InvalidParam)),
        (0b11, 5, Err(Error::InvalidParam)),
        (0b10, u64::MAX - 1, Err(Error::InvalidParam)),
        (0b100, u64::MAX - 1, Err(Error::InvalidParam)),
    ];
    for (mask, base, expected) in cases {
        assert_eq!(targets::named(&machine(), mask, base), expected, "{mask:#x} from {base}");
    }
}

#[test]
fn an_interrupt_reaches_the_harts_that_run() {
    let mut machine = running();
    assert_eq!(call(&mut machine, 0, extension::IPI, 0, &[0b101, 5]), (0, 0));
    assert_eq!(interrupted(&machine), [0, 1]);
    let mut machine = running();
    assert_eq!(call(&mut machine, 1, extension::IPI, 0, &[0b11, 5]), (INVALID_PARAM, 0));
    assert_eq!(interrupted(&machine), [0; 0], "a mask with an unknown hart interrupts none");
    machine.harts[0].state = State::Stopped;
    assert_eq!(call(&mut machine, 1, extension::IPI, 0, &[0, u64::MAX]), (0, 0));
    assert_eq!(interrupted(&machine), [1, 2]);
}

#[test]
fn legacy_interrupts_take_a_list_in_memory() {
    let mut machine = running();
    // The first of two words; the ids end at 70, but there are three harts.
    machine.world.memory.write(RAM + 16, &(1_u64 << 7).to_le_bytes()).expect("RAM");
    assert_eq!(call(&mut machine, 0, 4, 0, &[RAM + 16]).0, 0);
    assert_eq!(interrupted(&machine), [1]);
    assert_eq!(call(&mut machine, 1, 3, 0, &[]).0, 1);
    assert_eq!(call(&mut machine, 1, 3, 0, &[]).0, 0);
    assert_eq!(interrupted(&machine), [0; 0]);
    assert_eq!(call(&mut machine, 0, 4, 0, &[0]).0, 0);
    assert_eq!(interrupted(&machine), [0, 1, 2]);
}

#[test]
fn a_legacy_list_that_cannot_be_loaded_traps_at_the_call() {
    let mut machine = running();
    let hart = &mut machine.harts[0];
    (hart.pc, hart.csrs.stvec) = (RAM + 8, RAM + 0x100);
    assert_eq!(outcome(&mut machine, 0, 5, 0, &[0x10]), None);
    let hart = &machine.harts[0];
    assert_eq!((hart.csrs.sepc, hart.csrs.scause, hart.csrs.stval), (RAM + 4, 5, 0x10));
    assert_eq!(hart.pc, RAM + 0x100);
}

#[test]
fn ranges_of_fences() {
    let all = |asid| Ok(Some(Message::FenceTranslations { range: None, asid }));
    let some = |start, size| Ok(Some(Message::FenceTranslations { range: Some((start, size)), asid: None }));
    let cases = [
        (0, 0, None, all(None)),
        (5, u64::MAX, None, all(None)),
        (0, u64::MAX, Some(3), all(Some(3))),
        (0x1000, 0, None, Ok(None)),
        (0x1000, 0x2000, None, some(0x1000, 0x2000)),
        (u64::MAX - 0xfff, 0x1000, None, some(u64::MAX - 0xfff, 0x1000)),
        (u64::MAX - 0xfff, 0x1001, None, Err(Error::InvalidAddress)),
        (0, 0, Some(0x1_0000), Err(Error::InvalidParam)),
    ];
    for (start, size, asid, expected) in cases {
        assert_eq!(translations(start, size, asid), expected, "{start:#x} {size:#x} {asid:?}");
    }
}

#[test]
fn fences_return_success_or_their_error() {
    let cases = [
        (0, [0, u64::MAX, 0, 0, 0], 0),
        (1, [1, 5, 0x1000, 0x3000, 0], 0),
        (2, [1, 7, 0x1000, 0x3000, 4], 0),
        (2, [1, 7, 0, 0, 0x1_0000], INVALID_PARAM),
        (1, [1, 6, 0, 0, 0], INVALID_PARAM),
        (1, [1, 5, u64::MAX, 2, 0], INVALID_ADDRESS),
        (3, [1, 5, 0, 0, 0], NOT_SUPPORTED),
        (6, [1, 5, 0, 0, 0], NOT_SUPPORTED),
    ];
    for (function, arguments, error) in cases {
        assert_eq!(call(&mut running(), 0, extension::RFENCE, function, &arguments), (error, 0));
    }
    for legacy in 5..8 {
        assert_eq!(call(&mut running(), 0, legacy, 0, &[0, 0, 0, 0]).0, 0);
    }
}

#[test]
fn a_fence_on_another_hart_comes_behind_what_that_hart_has_stored() {
    for function in 0..3 {
        let mut machine = running_with([Liberty::LateStore, Liberty::UnorderedCall].into_iter().collect());
        let Machine { harts, world, .. } = &mut machine;
        for word in 0..64 {
            world.store(&mut harts[1], RAM + 0x1000 + 8 * word, 8, 7).expect("RAM");
        }
        assert!(!harts[1].view.buffer.is_empty(), "no store waits");
        assert_eq!(call(&mut machine, 0, extension::RFENCE, function, &[1 << 7, 0, 0, 0, 0]), (0, 0));
        let [caller, other, _] = &machine.harts[..] else { panic!("three harts") };
        assert!(other.view.buffer.is_empty(), "a store comes behind the fence");
        assert!(caller.view.bound >= other.view.wrote, "the caller sees the stores");
    }
}
