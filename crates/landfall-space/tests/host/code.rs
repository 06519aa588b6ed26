//! Code that comes at run time, and memory that no hart caches.

use landfall_judge::translation_cache::Access;
use landfall_paging::{Mode, PAGE_SIZE, VirtRange};
use landfall_space::{Region, SpaceError};

use crate::kernel::MODES;
use crate::machine::{DATA, HARTS, Landed, Mutant, POOL, Setup, memory, phys};

const PAGE: u64 = PAGE_SIZE;

#[test]
fn code_is_never_writable_and_executable_on_the_way_and_back() {
    for mode in MODES {
        let landed = Landed::new(&Setup::of(mode));
        let range = phys(POOL + 5 * PAGE, 2 * PAGE);
        let draft = landed.space.draft(memory(POOL + 5 * PAGE, 2 * PAGE), Region::Near).expect("room");
        let (writable, executable) = (draft.writable(), draft.range());
        landed.assert_mapped(writable, range, Access::Store);
        landed.assert_unmapped(executable);
        let code = landed.space.make_executable(draft).expect("frames");
        landed.assert_mapped(code.range(), range, Access::Fetch);
        landed.assert_never_both(range);
        assert!(landed.double.lock().harts.may(1, writable.start().get(), Access::Store).is_none());
        // SAFETY: it is no code of this process.
        let draft = unsafe { landed.space.make_writable(code) }.expect("frames");
        landed.assert_never_both(range);
        landed.assert_unmapped(executable);
        landed.assert_mapped(draft.writable(), range, Access::Store);
        let memory = landed.space.discard(draft);
        landed.assert_unused(memory.range());
        let again = landed.space.draft(memory, Region::Near).expect("room");
        assert_eq!(again.range(), executable, "its addresses were freed");
    }
}

/// Returns the harts that may execute what was in the memory before it became code.
fn stale_after_sealing(mutant: Mutant) -> Vec<usize> {
    let landed = Landed::new(&Setup { mutant, ..Setup::of(Mode::Sv48) });
    landed.on(1);
    let draft = landed.space.draft(memory(POOL, PAGE), Region::Near).expect("room");
    landed.double.lock().change_code(POOL);
    let _code = landed.space.make_executable(draft).expect("frames");
    let inner = landed.double.lock();
    (0..HARTS).filter(|hart| inner.is_stale(*hart, POOL)).collect()
}

#[test]
fn each_hart_executes_fence_i_before_code_is_handed_out() {
    assert_eq!(stale_after_sealing(Mutant::None), []);
    assert_eq!(stale_after_sealing(Mutant::FenceIHere), [1]);
    assert_eq!(stale_after_sealing(Mutant::FenceIThere), [0, 2]);
    assert_eq!(stale_after_sealing(Mutant::FenceIOneHart), [0]);
}

#[test]
fn memory_below_a_root_entry_of_the_linear_map_cannot_become_code() {
    let landed = Landed::new(&Setup::of(Mode::Sv39));
    // In sv39 the first GiB holds the image and is split; all of the pool's GiB was one root entry.
    let refused = landed.space.draft(memory(DATA, PAGE), Region::Near);
    assert!(refused.is_ok(), "its GiB is split by the image");
    for mode in MODES {
        let landed = Landed::new(&Setup::of(mode));
        let draft = landed.space.draft(memory(POOL, PAGE), Region::Near).expect("the pool's entry was split");
        let user = landed.space.user_space().expect("frames");
        landed.on(1);
        let _entered = user.enter();
        let code = landed.space.make_executable(draft).expect("frames");
        // The hart in the other root sees the same.
        landed.assert_mapped(code.range(), phys(POOL, PAGE), Access::Fetch);
        landed.assert_never_both(phys(POOL, PAGE));
    }
}

#[test]
fn a_failing_fence_leaves_code_executable_nowhere_or_writable_nowhere() {
    let landed = Landed::new(&Setup::of(Mode::Sv48));
    let draft = landed.space.draft(memory(POOL, PAGE), Region::Near).expect("room");
    landed.double.lock().failing = true;
    let refused = landed.space.make_executable(draft).expect_err("the fence fails");
    assert!(matches!(refused.error, SpaceError::Fence(_)) && refused.returned.is_none());
    landed.assert_never_both(phys(POOL, PAGE));
}

#[test]
fn uncached_memory_has_no_cached_address_and_was_flushed_in_between() {
    for mode in MODES {
        let landed = Landed::new(&Setup::of(mode));
        let uncached = landed.space.map_uncached(memory(POOL, 2 * PAGE)).expect("room");
        let linear = VirtRange::new(landed.plan.linear.virt(phys(POOL, 0).start()), 2 * PAGE);
        landed.assert_unmapped(linear);
        let reaches = landed.double.lock().harts.reaching(POOL..POOL + 2 * PAGE);
        assert!(reaches.iter().all(|reach| reach.translation.memory == 1), "PBMT is NC");
        assert!(!reaches.is_empty());
        assert_eq!(landed.double.lock().flushed, [linear, uncached.range()]);
        let memory = landed.space.unmap_uncached(uncached).expect("frames");
        landed.assert_unused(memory.range());
        landed.assert_mapped(linear, memory.range(), Access::Store);
    }
}

#[test]
fn harts_without_zicbom_get_no_uncached_memory() {
    let landed = Landed::new(&Setup::of(Mode::Sv48));
    landed.double.lock().without_zicbom = true;
    let refused = landed.space.map_uncached(memory(POOL, PAGE)).expect_err("no hart can flush");
    assert_eq!(refused.error, SpaceError::NoCacheFlush);
    assert_eq!(refused.returned.map(|memory| memory.range()), Some(phys(POOL, PAGE)));
}
