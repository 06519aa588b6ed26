//! Svinval: the sequence has the effect of SFENCE.VMA, and its parts have none.

use super::machine::{LAST, machine, may_write};
use landfall_judge::translation_cache::Harts;

fn unmapped() -> Harts {
    let mut harts = machine();
    harts.store(LAST, 0);
    harts
}

/// "the sequence SFENCE.W.INVAL, SINVAL.VMA, and SFENCE.INVAL.IR has the same effect as a
/// hypothetical SFENCE.VMA instruction"
#[test]
fn the_sequence_drops_what_a_fence_drops() {
    let mut harts = unmapped();
    harts.sfence_w_inval(0);
    harts.sinval_vma(0, Some(0x1000), None);
    harts.sfence_inval_ir(0);
    assert!(may_write(&harts, 0));
    harts.sfence_w_inval(0);
    harts.sinval_vma(0, Some(0), Some(1));
    harts.sfence_inval_ir(0);
    assert!(!may_write(&harts, 0));
}

/// SFENCE.INVAL.IR orders SINVAL.VMA "before subsequent implicit references by that hart".
#[test]
fn an_invalidation_takes_effect_at_the_end_of_the_sequence() {
    let mut harts = unmapped();
    harts.sfence_w_inval(0);
    harts.sinval_vma(0, None, None);
    assert!(may_write(&harts, 0));
}

/// SFENCE.W.INVAL orders stores "before subsequent SINVAL.VMA instructions".
#[test]
fn an_invalidation_without_the_beginning_of_the_sequence_has_no_effect() {
    let mut harts = unmapped();
    harts.sinval_vma(0, None, None);
    harts.sfence_inval_ir(0);
    assert!(may_write(&harts, 0));
}

/// "reads and writes prior to the SFENCE.W.INVAL are considered to be those prior to the
/// SFENCE.VMA"
#[test]
fn a_store_within_the_sequence_is_not_ordered() {
    let mut harts = machine();
    harts.sfence_w_inval(0);
    harts.store(LAST, 0);
    harts.sinval_vma(0, None, None);
    harts.sfence_inval_ir(0);
    assert!(may_write(&harts, 0));
}
