//! Unmapping in two steps, and the lower half.

use std::cell::RefCell;

use landfall_paging::{
    Access, EditError, Editor, Fence, Label, LeafFormat, LeafKind, LeafSize, Mapping, MemoryType, Mode,
    PhysAddr, PhysRange, Unmapped, VirtAddr, VirtRange, deciding_entry,
};

use crate::edit_machine::{Machine, ROOT, Shared, editor, root};
use crate::tables::extensions;

const HIGH: u64 = 0xffff_ffc0_0000_0000;
const PAGE: u64 = 0x1000;

fn stretch(virt: u64, size: u64) -> VirtRange {
    VirtRange::new(VirtAddr::new(virt), size)
}

fn memory(phys: u64, size: u64) -> PhysRange {
    PhysRange::new(PhysAddr::new(phys), size)
}

fn mapping(virt: u64, phys: u64, size: u64) -> Mapping {
    Mapping { virt: VirtAddr::new(virt), phys: PhysAddr::new(phys), size, access: Access::ReadWrite }
}

fn state(machine: &RefCell<Machine>, virt: u64) -> Option<Unmapped> {
    let shared = Shared::of(machine);
    deciding_entry(&shared, Mode::Sv39, PhysAddr::new(ROOT), VirtAddr::new(virt)).0.unmapped()
}

fn sweep(machine: &RefCell<Machine>, virt: u64, size: u64) -> Vec<PhysRange> {
    let mut swept = Vec::new();
    // SAFETY: no hart runs this machine.
    unsafe { editor(Mode::Sv39, machine).sweep(VirtAddr::new(virt), size, |range| swept.push(range)) };
    swept
}

#[test]
fn withdrawn_memory_stays_named_until_it_is_swept_and_its_addresses_stay_taken() {
    for format in [LeafFormat::Plain, LeafFormat::Napot] {
        let machine = RefCell::new(Machine::built(Mode::Sv39, format, &[], 8));
        let size = 0x23_0000;
        let _ = editor(Mode::Sv39, &machine).map(mapping(HIGH, 0x8020_0000, size)).expect("frames");
        let tables = machine.borrow().taken.clone();
        let _ = editor(Mode::Sv39, &machine).withdraw(VirtAddr::new(HIGH), size).expect("mapped");
        let root = root(Mode::Sv39).with_extensions(extensions(format));
        assert_eq!(machine.borrow().walk(root).leaves, [], "harts find nothing");
        for virt in [HIGH, HIGH + 0x20_0000, HIGH + size - PAGE] {
            assert_eq!(state(&machine, virt), Some(Unmapped::Withdrawn(Label::NONE)));
            let refused = editor(Mode::Sv39, &machine).map(mapping(virt, 0, PAGE));
            assert_eq!(refused, Err(EditError::Withdrawn { virt: VirtAddr::new(virt) }));
        }
        assert_eq!(sweep(&machine, HIGH, size), [memory(0x8020_0000, size)], "{format:?}");
        assert_eq!(machine.borrow().taken, tables, "no table is given back");
        assert_eq!(state(&machine, HIGH), Some(Unmapped::Free));
        assert_eq!(sweep(&machine, HIGH, size), [], "it is swept once");
        let _ = editor(Mode::Sv39, &machine)
            .map(mapping(HIGH, 0x8020_0000, size))
            .expect("the addresses are free");
    }
}

#[test]
fn a_part_of_a_large_leaf_is_withdrawn_alone() {
    for (format, size) in [(LeafFormat::Plain, 0x20_0000), (LeafFormat::Napot, 0x1_0000)] {
        let machine =
            RefCell::new(Machine::built(Mode::Sv39, format, &[mapping(HIGH, 0x8020_0000, size)], 8));
        let part = editor(Mode::Sv39, &machine).withdraw(VirtAddr::new(HIGH + 3 * PAGE), 2 * PAGE);
        let wanted = if size == 0x20_0000 { Fence::All } else { Fence::Leaves(stretch(HIGH, size)) };
        assert_eq!(part, Ok(wanted), "all of the split leaf is fenced");
        let root = root(Mode::Sv39).with_extensions(extensions(format));
        let bytes: u64 = machine.borrow().walk(root).leaves.iter().map(|leaf| leaf.size).sum();
        assert_eq!(bytes, size - 2 * PAGE);
        assert_eq!(sweep(&machine, HIGH, size), [memory(0x8020_3000, 2 * PAGE)]);
    }
}

#[test]
fn ranges_that_do_not_follow_each_other_are_swept_one_by_one() {
    let machine = RefCell::new(Machine::new(8));
    for (virt, phys) in [(HIGH, 0x9000), (HIGH + PAGE, 0x8000), (HIGH + 2 * PAGE, 0x9000_0000)] {
        let _ = editor(Mode::Sv39, &machine).map(mapping(virt, phys, PAGE)).expect("frames");
    }
    let _ = editor(Mode::Sv39, &machine).withdraw(VirtAddr::new(HIGH), 3 * PAGE).expect("mapped");
    let swept = [memory(0x9000, PAGE), memory(0x8000, PAGE), memory(0x9000_0000, PAGE)];
    assert_eq!(sweep(&machine, HIGH, 3 * PAGE), swept);
}

#[test]
fn a_reserved_range_keeps_its_reason_when_a_part_of_it_is_mapped() {
    let machine = RefCell::new(Machine::new(8));
    let label = Label::new(2).expect("below 4");
    let range = stretch(HIGH, 0x40_0000);
    assert_eq!(editor(Mode::Sv39, &machine).reserve(range, label), Ok(Fence::All), "a table was made");
    let kind = LeafKind { memory: MemoryType::Ordinary, label };
    let mapped = editor(Mode::Sv39, &machine).map_as(mapping(HIGH + 0x20_1000, 0x8000_0000, PAGE), kind);
    assert_eq!(mapped, Ok(Fence::All));
    for virt in [HIGH, HIGH + 0x1f_f000, HIGH + 0x20_0000, HIGH + 0x20_2000, HIGH + 0x3f_f000] {
        assert_eq!(state(&machine, virt), Some(Unmapped::Reserved(label)), "{virt:#x}");
    }
    assert_eq!(state(&machine, HIGH + 0x20_1000), None);
    assert_eq!(state(&machine, HIGH + 0x40_0000), Some(Unmapped::Free));
    let refused = editor(Mode::Sv39, &machine).release(range);
    assert!(matches!(refused, Err(EditError::Mapped { .. })), "{refused:?}");
    let below = editor(Mode::Sv39, &machine).release(stretch(HIGH, 0x20_1000));
    assert_eq!(below, Ok(Fence::Leaves(stretch(HIGH, 0x20_1000))));
    assert_eq!(state(&machine, HIGH + 0x20_0000), Some(Unmapped::Free));
}

#[test]
fn a_reserved_range_keeps_the_empty_tables_in_it() {
    const LEAF: u64 = 0x20_0000;
    let (machine, page) = (RefCell::new(Machine::new(2)), mapping(HIGH + LEAF, 0x8000_0000, PAGE));
    let _ = editor(Mode::Sv39, &machine).map(page).expect("two frames");
    let _ = editor(Mode::Sv39, &machine).withdraw(page.virt, PAGE).expect("mapped");
    assert_eq!(sweep(&machine, page.virt.get(), PAGE), [memory(0x8000_0000, PAGE)]);
    let (range, label) = (stretch(HIGH, 3 * LEAF), Label::new(2).expect("below 4"));
    let _ = editor(Mode::Sv39, &machine).reserve(range, label).expect("no frame is needed");
    for virt in [HIGH, HIGH + LEAF, HIGH + 2 * LEAF - PAGE, HIGH + 2 * LEAF] {
        assert_eq!(state(&machine, virt), Some(Unmapped::Reserved(label)), "{virt:#x}");
    }
    let _ = editor(Mode::Sv39, &machine).map(page).expect("the table serves it again");
}

#[test]
fn a_page_that_waits_for_a_fence_is_not_mapped_behind_free_pages() {
    let machine = RefCell::new(Machine::new(8));
    let waiting = HIGH + 2 * PAGE;
    let _ = editor(Mode::Sv39, &machine).map(mapping(waiting, 0x9000, PAGE)).expect("frames");
    let _ = editor(Mode::Sv39, &machine).withdraw(VirtAddr::new(waiting), PAGE).expect("mapped");
    let refused = editor(Mode::Sv39, &machine).map(mapping(HIGH, 0x8000_0000, 4 * PAGE));
    assert_eq!(refused, Err(EditError::Withdrawn { virt: VirtAddr::new(waiting) }));
    assert_eq!(sweep(&machine, HIGH, 4 * PAGE), [memory(0x9000, PAGE)]);
}

#[test]
fn a_page_that_waits_for_a_fence_is_not_changed_with_another_of_the_same_memory() {
    let machine = RefCell::new(Machine::new(8));
    for virt in [HIGH, HIGH + PAGE] {
        let _ = editor(Mode::Sv39, &machine).map(mapping(virt, 0x9000, PAGE)).expect("frames");
    }
    let waiting = VirtAddr::new(HIGH + PAGE);
    let _ = editor(Mode::Sv39, &machine).withdraw(waiting, PAGE).expect("mapped");
    let refused = editor(Mode::Sv39, &machine).protect(VirtAddr::new(HIGH), 2 * PAGE, Access::ReadOnly);
    assert_eq!(refused, Err(EditError::NotMapped { virt: waiting }));
    let refused = editor(Mode::Sv39, &machine).unmap(VirtAddr::new(HIGH), 2 * PAGE);
    assert_eq!(refused, Err(EditError::NotMapped { virt: waiting }));
}

fn user(machine: &RefCell<Machine>) -> Editor<Mode, Shared<'_>, Shared<'_>> {
    let (shared, root, format) = (Shared::of(machine), PhysAddr::new(ROOT), machine.borrow().format);
    // SAFETY: the tables are those of a machine that no hart runs.
    unsafe { Editor::of_user(Mode::Sv39, format, shared, Shared::of(machine), root) }
}

#[test]
fn leaves_of_the_lower_half_are_for_user_mode_and_not_global() {
    let machine = RefCell::new(Machine::new(8));
    let _ = user(&machine).map(mapping(0x1000, 0x8000_0000, PAGE)).expect("frames");
    let leaves = machine.borrow().walk(root(Mode::Sv39)).leaves;
    assert_eq!(leaves.len(), 1);
    assert!(leaves[0].flags.u() && !leaves[0].flags.g());
    let half = Mode::Sv39.half_size();
    let upper = VirtAddr::new(HIGH);
    let refused = user(&machine).map(mapping(HIGH, 0x8000_0000, PAGE));
    assert_eq!(refused, Err(EditError::UpperHalf { virt: upper, size: PAGE }));
    let beyond = user(&machine).map(mapping(half - PAGE, 0x8000_0000, 2 * PAGE));
    assert_eq!(beyond, Err(EditError::OutOfRange { virt: VirtAddr::new(half - PAGE), size: 2 * PAGE }));
    let noncanonical = user(&machine).map(mapping(half, 0x8000_0000, PAGE));
    assert!(noncanonical.is_err());
    let _ =
        user(&machine).map(mapping(half - PAGE, 0x8000_0000, PAGE)).expect("the last page is user mode's");
}

#[test]
fn empty_tables_of_the_lower_half_come_back_after_a_second_step() {
    let machine = RefCell::new(Machine::new(8));
    let _ = user(&machine).map(mapping(0x1f_f000, 0x8000_0000, 2 * PAGE)).expect("frames");
    let _ = user(&machine).map(mapping(0x4000_0000, 0x9000_0000, PAGE)).expect("frames");
    assert_eq!(machine.borrow().taken.len(), 5);
    let range = stretch(0x1f_f000, 2 * PAGE);
    let _ = user(&machine).withdraw(range.start(), range.size()).expect("mapped");
    assert!(!user(&machine).withdraw_tables(range), "a table with a withdrawn leaf is not empty");
    // SAFETY: no hart runs this machine.
    unsafe { user(&machine).sweep(range.start(), range.size(), |_| ()) };
    assert!(user(&machine).withdraw_tables(range));
    assert_eq!(machine.borrow().taken.len(), 5, "harts may still read them");
    let refused = user(&machine).map(mapping(0x1f_f000, 0, PAGE));
    assert_eq!(refused, Err(EditError::Withdrawn { virt: range.start() }));
    // SAFETY: as above.
    unsafe { user(&machine).sweep_tables(range) };
    assert_eq!(machine.borrow().taken.len(), 2, "those of the other mapping are left");
    let _ = user(&machine).map(mapping(0x1f_f000, 0x8000_0000, 2 * PAGE)).expect("the addresses are free");
}

#[test]
fn the_end_of_an_address_space_gives_each_frame_back_once() {
    let machine = RefCell::new(Machine::new(8));
    machine.borrow_mut().taken.insert(ROOT);
    let _ = editor(Mode::Sv39, &machine).map(mapping(HIGH, 0x8000_0000, PAGE)).expect("frames");
    let kernel = machine.borrow().taken.len() - 1;
    let _ = user(&machine).map(mapping(0x1000, 0x8000_0000, 2 * PAGE)).expect("frames");
    let _ = user(&machine).map(mapping(0x4000_0000, 0x4000_0000, LeafSize::G1.bytes())).expect("frames");
    let _ = user(&machine).withdraw(VirtAddr::new(0x2000), PAGE).expect("mapped");
    let mut back = Vec::new();
    // SAFETY: no hart runs this machine.
    unsafe { user(&machine).dismantle(|range| back.push(range)) };
    assert_eq!(back, [memory(0x8000_0000, 2 * PAGE), memory(0x4000_0000, LeafSize::G1.bytes())]);
    assert_eq!(machine.borrow().taken.len(), kernel, "the kernel's half is left");
}

#[test]
fn an_empty_table_beside_one_in_use_comes_back_alone() {
    let machine = RefCell::new(Machine::new(8));
    let _ = user(&machine).map(mapping(0x1000, 0x8000_0000, PAGE)).expect("frames");
    let range = stretch(0x40_0000, PAGE);
    let _ = user(&machine).map(mapping(0x40_0000, 0x9000_0000, PAGE)).expect("frames");
    assert_eq!(machine.borrow().taken.len(), 3, "one table of level 1, two of level 0");
    let _ = user(&machine).withdraw(range.start(), range.size()).expect("mapped");
    // SAFETY: no hart runs this machine.
    unsafe { user(&machine).sweep(range.start(), range.size(), |_| ()) };
    assert!(user(&machine).withdraw_tables(range));
    // SAFETY: as above.
    unsafe { user(&machine).sweep_tables(range) };
    assert_eq!(machine.borrow().taken.len(), 2, "the table of the other page is left");
    assert_eq!(state(&machine, 0x40_0000), Some(Unmapped::Free));
}

#[test]
fn a_table_comes_back_only_for_its_own_stretch() {
    let machine = RefCell::new(Machine::new(8));
    let _ = user(&machine).map(mapping(0x1000, 0x8000_0000, PAGE)).expect("frames");
    let [first, second] = [0x40_0000, 0x80_0000].map(|virt| stretch(virt, PAGE));
    for range in [first, second] {
        let _ = user(&machine).map(mapping(range.start().get(), 0x9000_0000, PAGE)).expect("frames");
        let _ = user(&machine).withdraw(range.start(), range.size()).expect("mapped");
        // SAFETY: no hart runs this machine.
        unsafe { user(&machine).sweep(range.start(), range.size(), |_| ()) };
        assert!(user(&machine).withdraw_tables(range));
    }
    // SAFETY: as above.
    unsafe { user(&machine).sweep_tables(first) };
    assert_eq!(state(&machine, 0x40_0000), Some(Unmapped::Free));
    assert_eq!(state(&machine, 0x80_0000), Some(Unmapped::Withdrawn(Label::NONE)), "no fence yet");
    assert_eq!(machine.borrow().taken.len(), 3);
}

#[test]
fn the_end_of_an_address_space_names_the_memory_of_leaves_of_many_entries() {
    let machine = RefCell::new(Machine { format: LeafFormat::Napot, ..Machine::new(8) });
    machine.borrow_mut().taken.insert(ROOT);
    let size = LeafSize::K64.bytes() + 2 * PAGE;
    let _ = user(&machine).map(mapping(0x1_0000, 0x8001_0000, size)).expect("frames");
    let mut back = Vec::new();
    // SAFETY: no hart runs this machine.
    unsafe { user(&machine).dismantle(|range| back.push(range)) };
    assert_eq!(back, [memory(0x8001_0000, size)]);
}
