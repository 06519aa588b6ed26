//! Mappings of the kernel's half, step by step, in each mode.

use landfall_judge::translation_cache::Access;
use landfall_paging::{LeafSize, Mode, PAGE_SIZE, PhysAddr, PhysRange, VirtRange, deciding_entry};
use landfall_plan::plan::STACK_GUARD;
use landfall_space::{DataAccess, Placing, Region, SpaceError};

use crate::machine::{DATA, HARTS, Landed, Live, Setup, memory, phys};

const PAGE: u64 = PAGE_SIZE;
pub(crate) const MODES: [Mode; 3] = Mode::BEST_FIRST;

fn each_mode(test: impl Fn(Landed)) {
    for mode in MODES {
        test(Landed::new(&Setup::of(mode)));
        test(Landed::new(&Setup { placing: Placing::Random([7; 32]), ..Setup::of(mode) }));
    }
}

#[test]
fn a_mapping_reaches_its_memory_on_every_hart_and_its_guards_reach_nothing() {
    each_mode(|landed| {
        let area = landed.space.map(memory(DATA, 3 * PAGE), DataAccess::ReadWrite, Region::Dynamic);
        let area = area.expect("there is room");
        let range = area.range();
        assert!(landed.plan.dynamic.contains(range));
        landed.assert_mapped(range, phys(DATA, 3 * PAGE), Access::Store);
        landed.assert_unmapped(VirtRange::new(range.start().wrapping_sub(PAGE), PAGE));
        landed.assert_unmapped(VirtRange::new(range.end(), PAGE));
    });
}

#[test]
fn memory_comes_back_after_the_fence_and_no_hart_reaches_it() {
    each_mode(|landed| {
        let area = landed.space.map(memory(DATA, 2 * PAGE), DataAccess::ReadWrite, Region::Near);
        let area = area.expect("there is room");
        assert!(landed.plan.near.contains(area.range()));
        let range = area.range();
        let withdrawal = landed.space.unmap(area).expect("it is mapped");
        // Before the fence a hart may still write there.
        let reached = landed.double.lock().harts.may(1, range.start().get(), Access::Store);
        assert!(reached.is_some(), "the judge keeps what a hart may keep");
        let memory = withdrawal.complete().expect("fences work");
        assert_eq!(memory.range(), phys(DATA, 2 * PAGE));
        landed.assert_unused(memory.range());
        landed.assert_unmapped(range);
    });
}

#[test]
fn a_dropped_withdrawal_frees_the_addresses_and_a_forgotten_one_keeps_them() {
    for mode in MODES {
        let landed = Landed::new(&Setup::of(mode));
        let map =
            |at| landed.space.map(memory(at, PAGE), DataAccess::ReadWrite, Region::Dynamic).expect("room");
        let first = map(DATA);
        let range = first.range();
        drop(landed.space.unmap(first).expect("it is mapped"));
        landed.assert_unused(phys(DATA, PAGE));
        let second = map(DATA + PAGE);
        assert_eq!(second.range(), range, "the lowest free addresses are those of the first");
        std::mem::forget(landed.space.unmap(second).expect("it is mapped"));
        let third = map(DATA + 2 * PAGE);
        assert!(!third.range().overlaps(range), "withdrawn addresses were used again");
    }
}

#[test]
fn a_failing_fence_withholds_memory_and_addresses() {
    let landed = Landed::new(&Setup::of(Mode::Sv48));
    let map = |at| landed.space.map(memory(at, PAGE), DataAccess::ReadWrite, Region::Dynamic);
    let area = map(DATA).expect("room");
    let range = area.range();
    let withdrawal = landed.space.unmap(area).expect("it is mapped");
    landed.double.lock().failing = true;
    let failed = withdrawal.complete().expect_err("the fence fails");
    assert_eq!(failed.sbi_error, -3);
    let refused = map(DATA + PAGE).expect_err("nobody may know the addresses");
    assert!(matches!(refused.error, SpaceError::Fence(_)) && refused.returned.is_none());
    landed.double.lock().failing = false;
    let next = map(DATA + 2 * PAGE).expect("room");
    assert!(!next.range().overlaps(range), "withheld addresses were used again");
}

#[test]
fn large_memory_takes_the_largest_leaves_that_fit() {
    for (mode, napot) in MODES.into_iter().flat_map(|mode| [(mode, false), (mode, true)]) {
        let landed = Landed::new(&Setup { napot, ..Setup::of(mode) });
        // 4 KiB, 64 KiB, then 2 MiB, and back.
        let (start, size) = (DATA + 0x1f_0000 - PAGE, PAGE + 0x1_0000 + 0x20_0000 + PAGE);
        let area =
            landed.space.map(memory(start, size), DataAccess::ReadOnly, Region::Dynamic).expect("room");
        let leaf = |offset| {
            let at = area.range().start().wrapping_add(offset);
            let (entry, size) = deciding_entry(&Live(landed.double), mode, landed.plan.block.start(), at);
            if entry.is_napot() { LeafSize::K64 } else { size }
        };
        let second = if napot { LeafSize::K64 } else { LeafSize::K4 };
        let found = [0, PAGE, PAGE + 0x1_0000, size - PAGE].map(leaf);
        assert_eq!(found, [LeafSize::K4, second, LeafSize::M2, LeafSize::K4], "{mode}");
        landed.assert_mapped(area.range(), phys(start, size), Access::Load);
        let memory = landed.space.unmap(area).expect("mapped").complete().expect("fences work");
        landed.assert_unused(memory.range());
    }
}

#[test]
fn a_permission_that_was_removed_is_gone_after_the_fence_in_a_part_of_a_large_leaf_too() {
    for napot in [false, true] {
        let landed = Landed::new(&Setup { napot, ..Setup::of(Mode::Sv39) });
        let area = landed.space.map(memory(DATA, 0x20_0000), DataAccess::ReadWrite, Region::Dynamic);
        let mut area = area.expect("room");
        let part = VirtRange::new(area.range().start().wrapping_add(5 * PAGE), 3 * PAGE);
        landed
            .space
            .protect(&mut area, part, DataAccess::ReadOnly)
            .expect("mapped")
            .complete()
            .expect("fence");
        let inner = landed.double.lock();
        for page in 0..16 {
            let virt = area.range().start().wrapping_add(page * PAGE);
            for hart in 0..HARTS {
                let may_write = inner.harts.may(hart, virt.get(), Access::Store).is_some();
                assert_eq!(may_write, !part.contains_address(virt), "page {page}");
            }
        }
    }
}

#[test]
fn a_stack_has_the_guard_of_a_landed_stack() {
    each_mode(|landed| {
        let stack = landed.space.map_stack(memory(DATA, 4 * PAGE)).expect("room");
        let below = VirtRange::new(stack.range().start().wrapping_sub(STACK_GUARD), STACK_GUARD);
        landed.assert_unmapped(below);
        let other = landed.space.map_stack(memory(DATA + 4 * PAGE, 4 * PAGE)).expect("room");
        landed.assert_unmapped(below);
        assert!(!other.range().overlaps(below));
    });
}

#[test]
fn registers_of_a_device_lie_at_their_offset_within_a_page_and_are_no_memory() {
    each_mode(|landed| {
        let registers = PhysRange::new(PhysAddr::new(0x1000_0ff8), 16);
        let device = landed.space.map_device(registers).expect("room");
        let virt = device.registers();
        assert_eq!((virt.start().get() & (PAGE - 1), virt.size()), (0xff8, 16));
        let reaches = landed.double.lock().harts.reaching(0x1000_0ff8..0x1000_1008);
        assert!(!reaches.is_empty());
        for reach in reaches {
            assert_eq!(reach.translation.memory, 2, "PBMT of a device is IO");
        }
        landed.space.unmap_device(device).expect("fences work");
        assert!(landed.double.lock().harts.reaching(0x1000_0ff8..0x1000_1008).is_empty());
        let ram = PhysRange::new(PhysAddr::new(DATA + 8), 8);
        assert_eq!(landed.space.map_device(ram).err(), Some(SpaceError::Ram(ram)));
        let nowhere = PhysRange::new(PhysAddr::new((1 << 56) - 8), 16);
        assert_eq!(landed.space.map_device(nowhere).err(), Some(SpaceError::NoSuchMemory(nowhere)));
    });
}

#[test]
fn an_operation_without_frames_changes_nothing_and_returns_the_memory() {
    let mut found = 0;
    for frames in 0..12 {
        // The root entries of the regions take some.
        let landed = Landed::new(&Setup { frames: 64, ..Setup::of(Mode::Sv57) });
        let taken = landed.double.lock().free_tables.len() - frames;
        let hidden: Vec<_> = landed.double.lock().free_tables.iter().copied().take(taken).collect();
        landed.double.lock().free_tables.retain(|frame| !hidden.contains(frame));
        let mapped = landed.space.map(memory(DATA, 0x40_0000 + PAGE), DataAccess::ReadWrite, Region::Dynamic);
        let Err(refused) = mapped else { continue };
        found += 1;
        assert!(matches!(refused.error, SpaceError::Tables(_)), "{refused}");
        assert_eq!(refused.returned.map(|memory| memory.range()), Some(phys(DATA, 0x40_0000 + PAGE)));
        landed.assert_unused(phys(DATA, 0x40_0000 + PAGE));
        landed.double.lock().free_tables.extend(hidden);
        let area =
            landed.space.map(memory(DATA, PAGE), DataAccess::ReadWrite, Region::Dynamic).expect("room");
        let lowest = landed.plan.dynamic.start().wrapping_add(PAGE);
        assert_eq!(area.range().start(), lowest, "the refused mapping has left something behind");
    }
    assert!(found > 2, "no attempt was refused");
}

#[test]
fn a_full_region_refuses_with_its_size() {
    let landed = Landed::new(&Setup::of(Mode::Sv39));
    let size = landed.plan.near.size();
    let memory = memory(DATA, size);
    let refused = landed.space.map(memory, DataAccess::ReadWrite, Region::Near).expect_err("no guard fits");
    assert_eq!(refused.error, SpaceError::NoRoom { size: size + 2 * PAGE, region: landed.plan.near });
}

#[test]
fn a_hart_that_joins_late_is_fenced_from_then_on() {
    let landed = Landed::new(&Setup::of(Mode::Sv39));
    landed.on(2);
    landed.space.join();
    landed.on(0);
    let area = landed.space.map(memory(DATA, PAGE), DataAccess::ReadWrite, Region::Dynamic).expect("room");
    landed.assert_mapped(area.range(), phys(DATA, PAGE), Access::Store);
}

#[test]
fn random_places_differ_and_first_fit_begins_at_the_region() {
    let place = |placing| {
        let landed = Landed::new(&Setup { placing, ..Setup::of(Mode::Sv48) });
        let area =
            landed.space.map(memory(DATA, PAGE), DataAccess::ReadWrite, Region::Dynamic).expect("room");
        area.range().start().wrapping_offset_from(landed.plan.dynamic.start())
    };
    assert_eq!(place(Placing::FirstFit), PAGE);
    let drawn: std::collections::BTreeSet<_> =
        (0..8).map(|seed| place(Placing::Random([seed; 32]))).collect();
    assert_eq!(drawn.len(), 8);
    assert!(drawn.iter().any(|offset| *offset > 1 << 30), "no place is far from the region's start");
}

#[test]
fn random_places_take_no_more_tables_than_a_part_of_the_region() {
    let landed = Landed::new(&Setup { placing: Placing::Random([9; 32]), ..Setup::of(Mode::Sv57) });
    let before = landed.double.lock().taken_tables.len();
    for round in 0..2_000 {
        let area = landed.space.map(memory(DATA, PAGE), DataAccess::ReadWrite, Region::Dynamic);
        let area = area.unwrap_or_else(|refused| panic!("round {round}: {refused}"));
        let _memory = landed.space.unmap(area).expect("mapped").complete().expect("fences work").into_range();
    }
    let taken = landed.double.lock().taken_tables.len() - before;
    assert!(taken <= 512 + 4, "{taken} tables");
}
