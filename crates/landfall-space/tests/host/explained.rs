//! The explanation of an address, in words.

use landfall_paging::{Access, Mode, PAGE_SIZE, VirtAddr};
use landfall_plan::harts::HartIndex;
use landfall_plan::plan::STACK_GUARD;
use landfall_space::{DataAccess, Region};

use crate::machine::{DATA, Landed, POOL, Setup, memory};

const PAGE: u64 = PAGE_SIZE;

#[test]
fn addresses_are_explained_from_the_tables_as_they_are() {
    for mode in Mode::BEST_FIRST {
        let landed = Landed::new(&Setup::of(mode));
        let say = |virt: VirtAddr| landed.space.what_is(virt).to_string();
        let stack = landed.space.map_stack(memory(DATA, 2 * PAGE)).expect("room").range();
        assert_eq!(say(stack.start().wrapping_sub(12)), "12 bytes below a stack: its guard");
        assert_eq!(
            say(stack.start().wrapping_sub(STACK_GUARD)),
            format!("{STACK_GUARD} bytes below a stack: its guard")
        );
        assert_eq!(say(stack.end().wrapping_add(4)), "5 bytes above a stack: its guard");
        assert_eq!(say(stack.start()), "a stack, RW-");
        let area = landed.space.map(memory(DATA + 2 * PAGE, PAGE), DataAccess::ReadOnly, Region::Near);
        let area = area.expect("room");
        let range = area.range();
        assert_eq!(say(range.start()), "memory, R--");
        let withdrawal = landed.space.unmap(area).expect("mapped");
        assert_eq!(say(range.start()), "unmapped memory, before its fence");
        drop(withdrawal);
        assert_eq!(say(range.start()), "near region, not mapped");
        let draft = landed.space.draft(memory(POOL, PAGE), Region::Near).expect("room");
        assert_eq!(say(draft.range().start()), "reserved for code, not mapped");
        let landed_stack = landed.plan.stacks.bottom(HartIndex::new(1));
        assert_eq!(say(landed_stack.wrapping_sub(12)), "12 bytes below hart 1's stack: its guard");
        assert_eq!(say(landed_stack), "hart 1's stack");
        assert_eq!(say(VirtAddr::new(0x1000)), "no address of the kernel");
        assert_eq!(say(landed.plan.image.virt), "text");
    }
}

#[test]
fn addresses_of_user_mode_are_explained_by_their_space() {
    let landed = Landed::new(&Setup::of(Mode::Sv48));
    let mut user = landed.space.user_space().expect("frames");
    let at = VirtAddr::new(0x1000);
    user.map(at, memory(DATA, PAGE), Access::ReadExecute).expect("frames");
    assert_eq!(user.what_is(at).to_string(), "memory of user mode, R-X");
    let unmapped = user.what_is(at.wrapping_add(PAGE));
    assert_eq!(unmapped.to_string(), "an address of user mode, not mapped");
    assert_eq!(user.what_is(landed.plan.image.virt).to_string(), "text");
    assert_eq!(landed.space.what_is(at).to_string(), "no address of the kernel");
}
