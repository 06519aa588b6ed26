//! Tests of the PLIC.

use super::Plic;

/// Registers of hart 0's supervisor mode.
const ENABLE: u64 = 0x2080;
const THRESHOLD: u64 = 0x20_1000;
const CLAIM: u64 = 0x20_1004;

/// Returns a PLIC with sources 3 and 5 enabled, of priorities 1 and 2.
fn plic() -> Plic {
    let mut plic = Plic::new(2);
    plic.store(3 * 4, 1);
    plic.store(5 * 4, 2);
    plic.store(ENABLE, 1 << 3 | 1 << 5);
    plic
}

#[test]
fn the_pending_bit_of_source_n_is_bit_n_mod_32_of_word_n_div_32() {
    let mut plic = plic();
    for source in [3, 31, 32, 95] {
        plic.set_wire(source, true);
    }
    assert_eq!([plic.load(0x1000), plic.load(0x1004), plic.load(0x1008)], [1 << 3 | 1 << 31, 1, 1 << 31]);
    plic.store(0x1000, 0);
    assert_eq!(plic.load(0x1000), 1 << 3 | 1 << 31);
}

#[test]
fn source_0_and_sources_beyond_the_last_do_not_exist() {
    let mut plic = plic();
    plic.store(0, 7);
    plic.store(96 * 4, 7);
    plic.store(ENABLE, 1);
    plic.set_wire(0, true);
    plic.set_wire(96, true);
    assert_eq!([plic.load(0), plic.load(96 * 4), plic.load(ENABLE), plic.load(0x1000)], [0; 4]);
    assert!(!plic.interrupts(0));
}

#[test]
fn a_claim_returns_the_highest_priority_and_clears_its_pending_bit() {
    let mut plic = plic();
    plic.set_wire(3, true);
    plic.set_wire(5, true);
    assert_eq!([plic.load(CLAIM), plic.load(CLAIM), plic.load(CLAIM)], [5, 3, 0]);
    assert_eq!(plic.load(0x1000), 0);
}

#[test]
fn the_lowest_source_wins_among_equal_priorities() {
    let mut plic = plic();
    plic.store(3 * 4, 2);
    plic.set_wire(5, true);
    plic.set_wire(3, true);
    assert_eq!(plic.load(CLAIM), 3);
}

#[test]
fn priority_0_never_interrupts() {
    let mut plic = plic();
    plic.store(3 * 4, 0);
    plic.set_wire(3, true);
    assert!(!plic.interrupts(0));
    assert_eq!(plic.load(CLAIM), 0);
}

#[test]
fn a_threshold_masks_priorities_up_to_it_but_no_claim() {
    let mut plic = plic();
    plic.set_wire(5, true);
    plic.store(THRESHOLD, 1);
    assert!(plic.interrupts(0));
    plic.store(THRESHOLD, 2);
    assert!(!plic.interrupts(0));
    assert_eq!(plic.load(CLAIM), 5);
}

#[test]
fn a_level_that_stays_high_interrupts_again_after_completion_only() {
    let mut plic = plic();
    plic.set_wire(5, true);
    assert_eq!(plic.load(CLAIM), 5);
    plic.set_wire(5, true);
    assert!(!plic.interrupts(0));
    plic.store(CLAIM, 5);
    assert!(plic.interrupts(0));
}

#[test]
fn a_request_is_not_retracted_when_the_level_falls() {
    let mut plic = plic();
    plic.set_wire(5, true);
    plic.set_wire(5, false);
    assert!(plic.interrupts(0));
    assert_eq!(plic.load(CLAIM), 5);
    plic.store(CLAIM, 5);
    assert!(!plic.interrupts(0));
}

#[test]
fn a_completion_of_a_source_that_is_not_enabled_is_ignored() {
    let mut plic = plic();
    plic.set_wire(5, true);
    assert_eq!(plic.load(CLAIM), 5);
    plic.store(ENABLE, 0);
    plic.store(CLAIM, 5);
    plic.store(ENABLE, 1 << 5);
    assert!(!plic.interrupts(0));
    plic.store(CLAIM, 5);
    assert!(plic.interrupts(0));
}

#[test]
fn each_hart_has_a_machine_and_a_supervisor_context() {
    let mut plic = plic();
    plic.store(ENABLE, 0);
    plic.store(0x2000, 1 << 5);
    plic.set_wire(5, true);
    assert!(!plic.interrupts(0) && !plic.interrupts(1));
    plic.store(0x2180, 1 << 5);
    assert!(!plic.interrupts(0) && plic.interrupts(1));
    assert_eq!(plic.load(0x20_3004), 5);
}

#[test]
fn registers_of_contexts_that_do_not_exist_are_0() {
    let mut plic = plic();
    for offset in [0x2000 + 4 * 0x80, 0x20_4000, 0x20_4004, 0x1080, 0x20_1008] {
        plic.store(offset, 5);
        assert_eq!(plic.load(offset), 0, "{offset:#x}");
    }
}
