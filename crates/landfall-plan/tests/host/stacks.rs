//! The hart of a stack pointer.

use landfall_paging::Mode::Sv39;
use landfall_plan::harts::HartIndex;

use crate::machine::Machine;

#[test]
fn a_stack_pointer_on_a_stack_or_at_its_end_names_the_hart() {
    let mut machine = Machine::plain(Sv39);
    let hart = machine.harts[0];
    machine.harts = vec![hart; 3];
    let stacks = machine.plan().expect("it lands").stacks;
    assert_eq!(stacks.count, 3);
    for hart in stacks.harts() {
        let (bottom, top) = (stacks.bottom(hart).get(), stacks.top(hart).get());
        for pointer in [bottom, bottom + 8, top - 16, top] {
            assert_eq!(stacks.hart_of(pointer), Some(hart), "{pointer:#x}");
        }
        assert_eq!((stacks.hart_of(bottom - 8), stacks.hart_of(top + 8)), (None, None));
    }
    let behind = stacks.bottom(HartIndex::new(stacks.count)).get();
    assert_eq!(stacks.hart_of(behind), None, "as many as there are");
}
