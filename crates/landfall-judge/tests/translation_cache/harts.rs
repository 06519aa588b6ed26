//! Several harts: private caches, stores that arrive late, and Svvptc.

use super::machine::{
    FRAME, LAST, MIDDLE, READ, ROOT, SPARE, WRITE, clear, leaf, mapped, page, pointer, satp,
};
use landfall_judge::translation_cache::{Access, Harts, Outcome, Source};

fn two() -> Harts {
    mapped(Harts::new(2), 2, leaf(FRAME, WRITE))
}

fn may_write(harts: &Harts, hart: usize) -> bool {
    harts.may(hart, 0, Access::Store).is_some()
}

/// "SFENCE.VMA orders only the local hart's implicit references"
#[test]
fn a_fence_serves_its_hart_alone() {
    let mut harts = two();
    harts.store(LAST, 0);
    harts.sfence_vma(0, None, None);
    assert!(!may_write(&harts, 0));
    assert!(may_write(&harts, 1));
    let witness = harts.may_reach(page(FRAME), |_| false).expect("hart 1 keeps the leaf");
    assert_eq!((witness.hart, witness.path.last().map(|step| step.source)), (1, Some(Source::Kept)));
    harts.sfence_vma(1, None, None);
    assert_eq!(harts.may_reach(page(FRAME), |_| false), None);
}

/// "the meaning of an ASID is local to a hart"
#[test]
fn a_hart_keeps_nothing_of_a_root_that_it_never_had() {
    let mut harts = mapped(Harts::new(2), 1, leaf(FRAME, WRITE));
    harts.store(LAST, 0);
    harts.write_satp(1, satp(ROOT, 1));
    assert!(may_write(&harts, 0));
    assert!(!may_write(&harts, 1));
}

/// "a local data fence to ensure local writes are visible globally": without it, the fence of
/// another hart comes too early.
#[test]
fn a_store_without_a_data_fence_outlasts_the_fence_of_another_hart() {
    let mut harts = two();
    harts.store_by(0, LAST, 0);
    harts.sfence_vma(0, Some(0), None);
    harts.sfence_vma(1, Some(0), None);
    assert!(!may_write(&harts, 0), "a hart sees its own stores");
    assert!(may_write(&harts, 1));
    assert!(harts.may_reach(page(FRAME), |_| false).is_some());
    harts.fence(0);
    assert!(may_write(&harts, 1), "the hart may have read the old leaf until the data fence");
    harts.sfence_vma(1, Some(0), None);
    assert!(!may_write(&harts, 1));
    assert_eq!(harts.may_reach(page(FRAME), |_| false), None);
}

/// RVWMO orders no two stores to different words: another hart may see the pointer to a table
/// before the words of the table.
#[test]
fn a_table_that_is_linked_before_its_words_are_ordered_is_garbage_to_others() {
    let fill = |harts: &mut Harts| {
        harts.discard(page(SPARE));
        page(SPARE).step_by(8).for_each(|at| harts.store_by(0, at, 0));
    };
    for ordered in [false, true] {
        let mut harts = two();
        fill(&mut harts);
        if ordered {
            harts.fence(0);
        }
        harts.store_by(0, MIDDLE + 8, pointer(SPARE));
        assert_eq!(harts.outcomes(1, 0x20_0000).contains(&Outcome::Garbage), !ordered);
        assert_eq!(harts.outcomes(0, 0x20_0000), [Outcome::Fault]);
    }
}

/// Svvptc: with "other forms of updates to a memory-resident PTE", synchronization "requires the
/// use of suitable memory-management instructions".
#[test]
fn svvptc_ends_invalid_entries_and_no_others() {
    for (harts, ends) in [(Harts::new(1).with_svvptc(), true), (Harts::new(1), false)] {
        let mut harts = mapped(harts, 1, leaf(FRAME, WRITE));
        clear(&mut harts, SPARE);
        harts.store(LAST, leaf(FRAME, READ));
        harts.store(MIDDLE + 8, pointer(SPARE));
        harts.store(SPARE, leaf(FRAME, READ));
        assert!(harts.may_fault(0, 0x20_0000).is_some());
        harts.bounded_time();
        assert_eq!(harts.may_fault(0, 0x20_0000).is_none(), ends);
        assert!(may_write(&harts, 0));
    }
}
