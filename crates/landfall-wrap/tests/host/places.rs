//! Places against all places, listed one by one.

use landfall_paging::{PhysAddr, PhysRange, VirtAddr};
use landfall_wrap::{Inner, LAST, Refusal, WINDOW};
use proptest::prelude::*;

use crate::kernel::{Kernel, PAGE, Program};

/// A kernel of `pages` pages and this alignment, linked at `base`.
fn kernel(base: u64, pages: u64, align: u64) -> Vec<u8> {
    let mut kernel = Kernel::movable(base);
    kernel.programs[2].memory = (pages - 2) * PAGE;
    let [offset, virt] = [PAGE, base];
    if virt.wrapping_sub(offset) % align == 0 {
        kernel.programs[0].align = align;
    }
    kernel.file()
}

#[test]
fn a_movable_kernel_has_each_place_of_the_window() {
    // (base, pages, alignment): an alignment needs a base that agrees with the offset of 4 KiB.
    for (base, pages, align) in [
        (0, 5, PAGE),
        (0, 0x7_fdff, PAGE),
        (0, 0x7_fe00, PAGE),
        (PAGE, 5, 2 << 20),
        (PAGE, 0x600, 2 << 20),
        (0x3fe1_1000, 0x7_0000, 0x1_0000),
        (PAGE, 5, 1 << 30),
        (WINDOW.start().get(), 9, PAGE),
    ] {
        let file = kernel(base, pages, align);
        let inner = Inner::read(&file).unwrap_or_else(|refusal| panic!("{base:#x}: {refusal}"));
        assert_eq!(inner.align(), align);
        let size = pages * PAGE;
        let all: Vec<u64> = (WINDOW.start().get()..LAST.get())
            .step_by(4096)
            .filter(|start| start.wrapping_sub(base) % align == 0 && LAST.get() - start >= size)
            .collect();
        let places = all.len() as u64;
        for (index, start) in
            all.iter().enumerate().filter(|(index, _)| *index < 40 || all.len() - index < 40)
        {
            // The least draw that chooses the place, and the greatest.
            let (index, count) = (index as u128, u128::from(places));
            let draw = |index: u128| u64::try_from((index << 64).div_ceil(count)).expect("a draw");
            let last = if index + 1 == count { u64::MAX } else { draw(index + 1) - 1 };
            for draw in [draw(index), last] {
                let place = inner.virtual_place(Some(draw));
                assert_eq!((place.start.get(), place.places.get()), (*start, places));
                let mut memory = vec![0; usize::try_from(size).expect("a size")];
                if memory.len() < 1 << 20 {
                    inner.load(&mut memory, place.start).expect("a place");
                }
            }
        }
        assert_eq!(inner.virtual_place(None).start.get(), all[0]);
    }
}

#[test]
fn a_kernel_that_is_one_page_too_large_has_no_place() {
    let file = kernel(0, 0x7_fe01, PAGE);
    let size = 0x7_fe01 * PAGE;
    assert_eq!(Inner::read(&file).map(|_| ()), Err(Refusal::Span { size, align: PAGE }));
}

#[test]
fn a_fixed_kernel_has_one_place() {
    let file = Kernel::fixed().file();
    let inner = Inner::read(&file).expect("a kernel");
    for draw in [None, Some(0), Some(u64::MAX)] {
        let place = inner.virtual_place(draw);
        assert_eq!((place.start, place.places.get()), (WINDOW.start(), 1));
    }
}

#[test]
fn the_least_mode_reaches_a_fixed_kernel() {
    use landfall_paging::Mode;
    for (base, mode) in [
        (0xffff_ffff_8000_0000, Mode::Sv39),
        (0xffff_ffc0_0000_0000, Mode::Sv39),
        (0xffff_ffbf_ffff_0000, Mode::Sv48),
        (0xffff_8000_0000_0000, Mode::Sv48),
        (0xff00_0000_0000_0000, Mode::Sv57),
    ] {
        let mut kernel = Kernel::movable(base);
        kernel.kind = 2;
        let file = kernel.file();
        assert_eq!(Inner::read(&file).expect("a kernel").least_mode(), mode, "{base:#x}");
    }
    let file = Kernel::movable(0).file();
    assert_eq!(Inner::read(&file).expect("a kernel").least_mode(), Mode::Sv39);
}

#[test]
fn memory_without_room_is_refused() {
    let file = Kernel::movable(0).file();
    let inner = Inner::read(&file).expect("a kernel");
    let short = [PhysRange::new(PhysAddr::new(0x8000_0001), 5 * PAGE)];
    for (free, largest) in [(&[][..], 0), (&short, 5 * PAGE)] {
        let place = inner.physical_place(WINDOW.start(), &free.iter().copied(), None);
        assert_eq!(place, Err(Refusal::NoMemory { size: 5 * PAGE, largest }));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_physical_place_is_one_of_all(
        ranges in prop::collection::vec((0..0x40_0000_u64, 0..0x200_0000_u64), 0..5),
        large: bool,
        page in 0..0x400_u64,
        draw: u64,
    ) {
        let pages = if large { 0x201 } else { 7 };
        let file = kernel(0, pages, PAGE);
        let inner = Inner::read(&file).expect("a kernel");
        let virt = VirtAddr::new(WINDOW.start().get() + page * PAGE);
        let mut next = 0x8000_0000;
        let mut free = Vec::new();
        for (gap, size) in ranges {
            free.push(PhysRange::new(PhysAddr::new(next + gap), size));
            next += gap + size;
        }
        let agrees = |phys: u64| !large || phys % (2 << 20) == virt.get() % (2 << 20);
        let fits = |phys: u64| {
            let range = PhysRange::new(PhysAddr::new(phys), pages * PAGE);
            free.iter().any(|free| free.contains(range))
        };
        let pages_of_memory = || (0x8000_0000..next).step_by(4096).filter(|phys| fits(*phys));
        let mut all: Vec<u64> = pages_of_memory().filter(|phys| agrees(*phys)).collect();
        if all.is_empty() {
            all = pages_of_memory().collect();
        }
        let place = |draw| inner.physical_place(virt, &free.iter().copied(), draw);
        match all.first() {
            None => prop_assert!(place(Some(draw)).is_err()),
            Some(first) => {
                let index = usize::try_from((u128::from(draw) * all.len() as u128) >> 64).expect("an index");
                let (found, lowest) = (place(Some(draw)).expect("a place"), place(None).expect("a place"));
                prop_assert_eq!(found.range.start().get(), all[index]);
                prop_assert_eq!(found.range.size(), pages * PAGE);
                prop_assert_eq!(found.places.get(), all.len() as u64);
                prop_assert_eq!(lowest.range.start().get(), *first);
            }
        }
    }
}

#[test]
fn an_alignment_above_4_kib_is_kept() {
    let mut kernel = Kernel::movable(0x1_1000);
    kernel.programs[0] = Program { align: 0x1_0000, ..kernel.programs[0] };
    let file = kernel.file();
    let place = Inner::read(&file).expect("a kernel").virtual_place(Some(u64::MAX / 7)).start;
    assert_eq!(place.get() % 0x1_0000, 0x1000);
}
