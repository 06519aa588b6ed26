//! User address spaces.

use landfall_judge::translation_cache::{Access, Holder};
use landfall_paging::{Access as Permission, Mode, PAGE_SIZE, Translation, VirtAddr, VirtRange};
use landfall_space::{Asid, DataAccess, Region, SpaceError};

use crate::kernel::MODES;
use crate::machine::{DATA, Landed, Setup, memory, phys};

const PAGE: u64 = PAGE_SIZE;
const AT: VirtAddr = VirtAddr::new(0x40_0000);

#[test]
fn a_later_mapping_of_the_kernel_appears_in_every_root() {
    for mode in MODES {
        let landed = Landed::new(&Setup::of(mode));
        let user = landed.space.user_space().expect("frames");
        landed.on(1);
        let entered = user.enter();
        landed.on(0);
        for region in [Region::Dynamic, Region::Near] {
            let at = DATA + if region == Region::Near { 0 } else { PAGE };
            let area = landed.space.map(memory(at, PAGE), DataAccess::ReadWrite, region).expect("room");
            landed.assert_mapped(area.range(), phys(at, PAGE), Access::Store);
        }
        landed.on(1);
        drop(entered);
    }
}

#[test]
fn pages_of_user_mode_are_no_global_ones_and_lead_to_their_memory() {
    for mode in MODES {
        let landed = Landed::new(&Setup::of(mode));
        let user = landed.space.user_space().expect("frames");
        let _entered = user.enter();
        user.map(AT, memory(DATA, 2 * PAGE), Permission::ReadWrite).expect("frames");
        for reach in landed.double.lock().harts.reaching(DATA..DATA + 2 * PAGE) {
            if reach.virt >> 63 == 0 {
                assert!(reach.translation.flags.u() && !reach.translation.flags.g());
                assert_eq!(reach.holder, Holder::Asid(user.asid().get()));
            }
        }
        assert!(matches!(user.translate(AT), Translation::Mapped { physical, .. } if physical.get() == DATA));
        assert_eq!(user.translate(landed.plan.image.virt), Translation::Unmapped);
    }
}

#[test]
fn memory_of_user_mode_comes_back_when_no_hart_reaches_it_and_tables_too() {
    for mode in MODES {
        let landed = Landed::new(&Setup::of(mode));
        let user = landed.space.user_space().expect("frames");
        let tables = landed.double.lock().taken_tables.len();
        for hart in 0..3 {
            landed.on(hart);
            std::mem::forget(user.enter());
        }
        user.map(AT, memory(DATA, 3 * PAGE), Permission::ReadWrite).expect("frames");
        let mut back = Vec::new();
        user.unmap(VirtRange::new(AT, PAGE), |memory| back.push(memory.range())).expect("mapped");
        landed.assert_unused(phys(DATA, PAGE));
        user.unmap(VirtRange::new(AT.wrapping_add(PAGE), 2 * PAGE), |memory| back.push(memory.range()))
            .expect("mapped");
        assert_eq!(back, [phys(DATA, PAGE), phys(DATA + PAGE, 2 * PAGE)]);
        landed.assert_unused(phys(DATA, 3 * PAGE));
        assert_eq!(landed.double.lock().taken_tables.len(), tables, "empty tables come back");
    }
}

#[test]
fn the_end_of_an_address_space_returns_all_of_it() {
    for mode in MODES {
        let landed = Landed::new(&Setup::of(mode));
        // The list of ASIDs takes a frame with the first address space, and keeps it.
        drop(landed.space.user_space().expect("frames").destroy(|_| panic!("it holds no memory")));
        let tables = landed.double.lock().taken_tables.len();
        let user = landed.space.user_space().expect("frames");
        user.map(AT, memory(DATA, 2 * PAGE), Permission::ReadExecute).expect("frames");
        let high = VirtAddr::new(mode.half_size() - PAGE);
        user.map(high, memory(DATA + 8 * PAGE, PAGE), Permission::ReadOnly).expect("frames");
        landed.on(2);
        drop(user.enter());
        landed.on(0);
        let mut back = Vec::new();
        user.destroy(|memory| back.push(memory.range())).expect("no hart runs it");
        assert_eq!(back, [phys(DATA, 2 * PAGE), phys(DATA + 8 * PAGE, PAGE)]);
        for range in back {
            landed.assert_unused(range);
        }
        assert_eq!(landed.double.lock().taken_tables.len(), tables);
    }
}

#[test]
fn an_address_space_that_runs_is_not_ended() {
    let landed = Landed::new(&Setup::of(Mode::Sv39));
    let user = landed.space.user_space().expect("frames");
    std::mem::forget(user.enter());
    let refused = user.destroy(|_| ()).expect_err("hart 0 runs it");
    assert_eq!(refused.error, SpaceError::Running);
    assert!(refused.returned.is_some());
}

#[test]
fn a_switch_changes_satp_once_and_separates_the_spaces() {
    for asid_bits in [0, 1, 16] {
        let landed = Landed::new(&Setup { asid_bits, ..Setup::of(Mode::Sv48) });
        let first = landed.space.user_space().expect("frames");
        let second = landed.space.user_space();
        let Ok(second) = second else {
            assert_eq!((asid_bits, second.err()), (1, Some(SpaceError::OutOfAsids)));
            continue;
        };
        first.map(AT, memory(DATA, PAGE), Permission::ReadWrite).expect("frames");
        second.map(AT, memory(DATA + PAGE, PAGE), Permission::ReadWrite).expect("frames");
        let entered = first.enter();
        let entered = entered.switch(&second);
        let satp = landed.double.lock().harts.satp(0);
        assert_eq!(satp << 20 >> 20, second.root().get() >> 12);
        let outcomes = landed.double.lock().harts.outcomes(0, AT.get());
        assert_eq!(outcomes.len(), 1, "{outcomes:x?}");
        drop(entered);
        assert_eq!(landed.double.lock().harts.satp(0) << 20 >> 20, landed.plan.block.start().get() >> 12);
        first.destroy(|_| ()).expect("no hart runs it");
        second.destroy(|_| ()).expect("no hart runs it");
        landed.assert_unused(phys(DATA, 2 * PAGE));
    }
}

#[test]
fn an_asid_is_given_out_again_and_finds_nothing_of_its_last_space() {
    let landed = Landed::new(&Setup { asid_bits: 2, ..Setup::of(Mode::Sv39) });
    let mut seen = Vec::new();
    for round in 0..8 {
        let user = landed.space.user_space().expect("frames");
        assert_ne!(user.asid(), Asid::KERNEL);
        seen.push(user.asid().get());
        let entered = user.enter();
        let reached = landed.double.lock().harts.may(0, AT.get(), Access::Load);
        assert_eq!(reached, None, "round {round}");
        user.map(AT, memory(DATA + round * PAGE, PAGE), Permission::ReadWrite).expect("frames");
        drop(entered);
        user.destroy(|_| ()).expect("no hart runs it");
    }
    assert!(seen.iter().filter(|asid| **asid == 1).count() > 1, "{seen:?}");
}

#[test]
fn user_mode_cannot_be_given_the_kernels_half() {
    let landed = Landed::new(&Setup::of(Mode::Sv39));
    let user = landed.space.user_space().expect("frames");
    for virt in
        [landed.plan.dynamic.start(), Mode::Sv39.upper_half(), VirtAddr::new(Mode::Sv39.half_size() - PAGE)]
    {
        let refused =
            user.map(virt, memory(DATA, 2 * PAGE), Permission::ReadWrite).expect_err("not its half");
        assert!(matches!(refused.error, SpaceError::Tables(_)), "{refused}");
    }
    landed.assert_unused(phys(DATA, 2 * PAGE));
}

#[test]
fn what_was_written_is_executed_only_after_no_hart_can_write_it() {
    let landed = Landed::new(&Setup::of(Mode::Sv39));
    let user = landed.space.user_space().expect("frames");
    for hart in 0..2 {
        landed.on(hart);
        std::mem::forget(user.enter());
    }
    user.map(AT, memory(DATA, PAGE), Permission::ReadWrite).expect("frames");
    user.protect(VirtRange::new(AT, PAGE), Permission::ReadExecute).expect("mapped");
    for hart in 0..2 {
        let harts = &landed.double.lock().harts;
        assert_eq!(harts.may(hart, AT.get(), Access::Store), None);
        assert!(harts.may(hart, AT.get(), Access::Fetch).is_some());
    }
}
