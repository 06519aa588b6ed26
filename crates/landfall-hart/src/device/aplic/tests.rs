//! The APLIC against the text of its specification, chapter 4.

use super::Aplic;

const DOMAINCFG: u64 = 0;
const SETIP: u64 = 0x1c00;
const SETIPNUM: u64 = 0x1cdc;
const IN_CLRIP: u64 = 0x1d00;
const CLRIPNUM: u64 = 0x1ddc;
const SETIE: u64 = 0x1e00;
const SETIENUM: u64 = 0x1edc;
const CLRIE: u64 = 0x1f00;
const CLRIENUM: u64 = 0x1fdc;
const SETIPNUM_LE: u64 = 0x2000;
const SETIPNUM_BE: u64 = 0x2004;
const GENMSI: u64 = 0x3000;
const IDELIVERY: u64 = 0x4000;
const IFORCE: u64 = 0x4004;
const ITHRESHOLD: u64 = 0x4008;
const TOPI: u64 = 0x4018;
const CLAIMI: u64 = 0x401c;
/// The distance to the structure of the next hart.
const IDC: u64 = 0x20;

const DETACHED: u32 = 1;
const EDGE1: u32 = 4;
const EDGE0: u32 = 5;
const LEVEL1: u32 = 6;
const LEVEL0: u32 = 7;

fn sourcecfg(source: u64) -> u64 {
    4 * source
}

fn target(source: u64) -> u64 {
    0x3000 + 4 * source
}

/// Returns an APLIC that delivers sources 3 and 5, in a mode, to hart 0.
fn aplic(mode: u32) -> Aplic {
    let mut aplic = Aplic::new(2);
    aplic.store(DOMAINCFG, 0x100);
    aplic.store(IDELIVERY, 1);
    for (source, number) in [(3, 3), (5, 5)] {
        aplic.store(sourcecfg(source), mode);
        aplic.store(target(source), 4);
        aplic.store(SETIENUM, number);
    }
    aplic
}

#[test]
fn domaincfg_has_a_constant_byte_and_ie_alone() {
    let mut aplic = Aplic::new(1);
    assert_eq!(aplic.load(DOMAINCFG), 0x8000_0000);
    aplic.store(DOMAINCFG, u32::MAX);
    assert_eq!(aplic.load(DOMAINCFG), 0x8000_0100);
    aplic.store(DOMAINCFG, 0);
    assert_eq!(aplic.load(DOMAINCFG), 0x8000_0000);
}

#[test]
fn a_leaf_domain_delegates_nothing() {
    let mut aplic = aplic(EDGE1);
    aplic.store(sourcecfg(3), 0x400 | LEVEL1);
    assert_eq!(aplic.load(sourcecfg(3)), 0);
}

#[test]
fn sourcecfg_has_the_defined_modes_alone() {
    let mut aplic = Aplic::new(1);
    for (written, read) in [(0, 0), (1, 1), (2, 0), (3, 0), (4, 4), (5, 5), (6, 6), (7, 7), (0xf8, 0)] {
        aplic.store(sourcecfg(95), written);
        assert_eq!(aplic.load(sourcecfg(95)), read);
    }
    aplic.store(sourcecfg(96), LEVEL1);
    assert_eq!(aplic.load(sourcecfg(96)), 0);
}

#[test]
fn bits_and_target_of_an_inactive_source_are_read_only_zeros() {
    let mut aplic = aplic(DETACHED);
    aplic.store(SETIPNUM, 3);
    aplic.store(sourcecfg(3), 0);
    for (register, value) in [(SETIP, 1 << 3), (SETIE, 1 << 3), (target(3), 1 << 18 | 2), (SETIPNUM, 3)] {
        aplic.store(register, value);
    }
    aplic.set_wire(3, true);
    assert_eq!([SETIP, IN_CLRIP, SETIE, target(3)].map(|register| aplic.load(register) & !(1 << 5)), [0; 4]);
    aplic.store(sourcecfg(3), DETACHED);
    assert_eq!(aplic.load(SETIP) | aplic.load(SETIE) & 1 << 3, 0);
}

#[test]
fn a_detached_source_ignores_its_wire() {
    let mut aplic = aplic(DETACHED);
    aplic.set_wire(3, true);
    assert_eq!([aplic.load(SETIP), aplic.load(IN_CLRIP)], [0, 0]);
    aplic.store(SETIPNUM_LE, 3);
    assert_eq!(aplic.load(SETIP), 1 << 3);
    aplic.store(CLRIPNUM, 3);
    assert_eq!(aplic.load(SETIP), 0);
}

#[test]
fn an_edge_sets_the_pending_bit_and_a_claim_clears_it() {
    for (mode, levels) in [(EDGE1, [false, true]), (EDGE0, [true, false])] {
        let mut aplic = aplic(mode);
        for level in levels {
            aplic.set_wire(5, level);
        }
        assert_eq!(aplic.load(IN_CLRIP) >> 5 & 1, 1);
        assert!(aplic.interrupts(0));
        assert_eq!(aplic.load(CLAIMI), 5 << 16 | 4);
        assert_eq!(aplic.load(SETIP) >> 5 & 1, 0);
        aplic.set_wire(5, levels[1]);
        assert_eq!(aplic.load(SETIP) >> 5 & 1, 0);
    }
}

#[test]
fn the_pending_bit_of_a_level_is_its_rectified_input() {
    for (mode, asserted) in [(LEVEL1, true), (LEVEL0, false)] {
        let mut aplic = aplic(mode);
        aplic.set_wire(3, !asserted);
        aplic.set_wire(5, asserted);
        aplic.store(SETIP, 1 << 3);
        assert_eq!(aplic.load(SETIP), 1 << 5);
        aplic.store(IN_CLRIP, 1 << 5);
        assert_eq!(aplic.load(CLAIMI), 5 << 16 | 4);
        assert_eq!(aplic.load(SETIP), 1 << 5);
        aplic.set_wire(5, !asserted);
        assert_eq!(aplic.load(SETIP), 0);
        assert!(!aplic.interrupts(0));
    }
}

#[test]
fn enable_bits_are_set_and_cleared_by_word_and_by_number() {
    let mut aplic = aplic(DETACHED);
    assert_eq!(aplic.load(SETIE), 1 << 3 | 1 << 5);
    aplic.store(CLRIE, 1 << 3);
    assert_eq!(aplic.load(SETIE), 1 << 5);
    aplic.store(CLRIENUM, 5);
    assert_eq!(aplic.load(SETIE), 0);
    aplic.store(SETIE, u32::MAX);
    assert_eq!(aplic.load(SETIE), 1 << 3 | 1 << 5);
}

#[test]
fn write_only_and_absent_registers_are_0() {
    let mut aplic = aplic(DETACHED);
    for register in
        [SETIPNUM, CLRIPNUM, SETIENUM, CLRIENUM, CLRIE, SETIPNUM_LE, SETIPNUM_BE, GENMSI, 0x1bc0, 0x1080]
    {
        aplic.store(register, 0x0300_0000);
        assert_eq!(aplic.load(register), 0, "{register:#x}");
    }
    assert_eq!(aplic.load(SETIP), 0);
}

#[test]
fn smaller_priority_numbers_win_and_then_smaller_sources() {
    let mut aplic = aplic(DETACHED);
    aplic.store(SETIP, 1 << 3 | 1 << 5);
    assert_eq!(aplic.load(TOPI), 3 << 16 | 4);
    aplic.store(target(5), 2);
    assert_eq!(aplic.load(TOPI), 5 << 16 | 2);
    assert_eq!([aplic.load(CLAIMI), aplic.load(CLAIMI), aplic.load(CLAIMI)], [5 << 16 | 2, 3 << 16 | 4, 0]);
}

#[test]
fn a_priority_of_0_becomes_1() {
    let mut aplic = aplic(DETACHED);
    aplic.store(target(3), 1 << 18 | 8);
    assert_eq!(aplic.load(target(3)), 1 << 18 | 1);
}

#[test]
fn a_threshold_masks_its_own_number_and_higher_ones() {
    let mut aplic = aplic(DETACHED);
    aplic.store(SETIPNUM, 3);
    for (threshold, top) in [(0, 3 << 16 | 4), (4, 0), (5, 3 << 16 | 4)] {
        aplic.store(ITHRESHOLD, threshold);
        assert_eq!([aplic.load(ITHRESHOLD), aplic.load(TOPI)], [threshold, top]);
    }
}

#[test]
fn neither_ie_nor_idelivery_affects_topi() {
    for (register, off) in [(DOMAINCFG, 0), (IDELIVERY, 0)] {
        let mut aplic = aplic(DETACHED);
        aplic.store(SETIPNUM, 3);
        assert!(aplic.interrupts(0));
        aplic.store(register, off);
        assert!(!aplic.interrupts(0));
        assert_eq!(aplic.load(TOPI), 3 << 16 | 4);
    }
}

#[test]
fn a_forced_interrupt_lasts_until_a_claim_of_nothing() {
    let mut aplic = aplic(DETACHED);
    aplic.store(IFORCE, 1);
    aplic.store(SETIPNUM, 3);
    assert_eq!(aplic.load(CLAIMI), 3 << 16 | 4);
    assert!(aplic.interrupts(0));
    assert_eq!(aplic.load(CLAIMI), 0);
    assert_eq!(aplic.load(IFORCE), 0);
    assert!(!aplic.interrupts(0));
}

#[test]
fn a_source_interrupts_its_target_alone() {
    let mut aplic = aplic(DETACHED);
    aplic.store(IDELIVERY + IDC, 1);
    aplic.store(target(3), 1 << 18 | 1);
    aplic.store(SETIPNUM, 3);
    assert!(!aplic.interrupts(0) && aplic.interrupts(1));
    assert_eq!([aplic.load(TOPI), aplic.load(TOPI + IDC)], [0, 3 << 16 | 1]);
}

#[test]
fn structures_of_harts_that_do_not_exist_are_0() {
    let mut aplic = aplic(DETACHED);
    for register in [IDELIVERY, IFORCE, ITHRESHOLD, TOPI, CLAIMI] {
        aplic.store(register + 2 * IDC, 1);
        assert_eq!(aplic.load(register + 2 * IDC), 0);
    }
}
