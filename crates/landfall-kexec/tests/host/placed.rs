//! The places of image and initrd.

use landfall_image::header::TEXT_OFFSET;
use landfall_kexec::{ALIGNMENT, Blob, Next, Place, Step};
use landfall_paging::{PhysAddr, PhysRange};

use crate::files::{Load, elf, flat, small};
use crate::machine::{BLOCK, FIRMWARE, IMAGE, INITRD, Machine, RAM, RESERVED};

/// The place from which images are copied.
const FROM: PhysAddr = PhysAddr::new(0x8200_1000);

#[test]
fn an_image_gets_the_lowest_place_that_its_header_permits() {
    for (text_offset, place) in
        [(TEXT_OFFSET, 0x8020_0000), (0, 0x8020_0000), (0x8_0000, 0x8008_0000), (0x3000, 0x8020_3000)]
    {
        let file = flat(0x3000, 0x8000, text_offset);
        let next = Next::new(Blob::contiguous(&file, FROM));
        let plan = Machine::new().plan(&next).expect("a plan");
        // Linux takes all of the last 2 MiB in which it lies.
        let end = (place + 0x8000_u64).next_multiple_of(ALIGNMENT);
        let right = PhysRange::between(PhysAddr::new(place), PhysAddr::new(end));
        assert_eq!(plan.image, right, "{text_offset:#x}");
        assert_eq!(plan.entry, plan.image.start());
    }
}

#[test]
fn draws_reach_every_place_and_no_other() {
    let file = small();
    let mut seen = std::collections::BTreeSet::new();
    for draw in (0..=255).map(|step: u64| step << 56 | step) {
        let next = Next::new(Blob::contiguous(&file, FROM)).with_place(Place::Drawn(draw));
        seen.insert(Machine::new().plan(&next).expect("a plan").image.start());
    }
    let taken = [FIRMWARE, RESERVED, BLOCK, PhysRange::new(FROM, 0x3000)];
    let steps = (0..RAM.size() / ALIGNMENT).map(|step| RAM.start().wrapping_add(step * ALIGNMENT));
    let free = steps.filter(|at| !taken.iter().any(|taken| taken.overlaps(PhysRange::new(*at, 0x8000))));
    assert_eq!(seen, free.collect());
}

#[test]
fn a_flat_image_that_can_stay_is_not_copied() {
    let file = small();
    let here = PhysAddr::new(0x8160_0000);
    let plan = Machine::new().plan(&Next::new(Blob::contiguous(&file, here))).expect("a plan");
    assert_eq!((plan.image.start(), plan.in_place), (here, 0x3000));
    // Its `.bss` would lie over the initrd.
    let initrd = Blob::contiguous(&file[..0x1000], here.wrapping_add(0x4000));
    let next = Next::new(Blob::contiguous(&file, here)).with_initrd(initrd);
    let plan = Machine::new().plan(&next).expect("a plan");
    assert_ne!(plan.image.start(), here);
}

#[test]
fn an_initrd_stays_where_it_is_unless_the_image_needs_its_place() {
    let (file, initrd) = (small(), vec![7; 0x5001]);
    let next =
        Next::new(Blob::contiguous(&file, FROM)).with_initrd(Blob::contiguous(&initrd, INITRD.start()));
    let plan = Machine::new().plan(&next).expect("a plan");
    assert_eq!((plan.initrd, plan.in_place), (Some(INITRD), INITRD.size()));
    let over = next.with_place(Place::At(INITRD.start()));
    let plan = Machine::new().plan(&over).expect("a plan");
    let place = plan.initrd.expect("an initrd");
    assert!(!place.overlaps(plan.image) && place.size() == INITRD.size(), "{plan:x?}");
}

#[test]
fn an_elf_without_a_header_runs_where_its_segments_say() {
    let text =
        Load { offset: 0x1000, virt: 0xffff_ffff_8000_0000, phys: 0x8100_0000, file: 0x800, memory: 0x800 };
    let data =
        Load { offset: 0x2000, virt: 0xffff_ffff_8000_2000, phys: 0x8100_2000, file: 0x100, memory: 0x1000 };
    for entry in [text.virt + 0x40, text.phys + 0x40] {
        let file = elf(entry, &[data, text], 0x3000);
        let plan = Machine::new().plan(&Next::new(Blob::contiguous(&file, FROM))).expect("a plan");
        assert_eq!(plan.image, PhysRange::new(PhysAddr::new(text.phys), 0x3000));
        assert_eq!(plan.entry, PhysAddr::new(text.phys + 0x40));
    }
}

#[test]
fn an_elf_with_a_header_lies_anywhere() {
    let header = flat(0x1000, 0x4000, TEXT_OFFSET);
    let load = Load { offset: 0x1000, virt: 0x8100_0000, phys: 0x8100_0000, file: 0x1000, memory: 0x4000 };
    let mut file = elf(0, &[load], 0x2000);
    file[0x1000..].copy_from_slice(&header);
    let next = Next::new(Blob::contiguous(&file, FROM)).with_place(Place::At(PhysAddr::new(0x8240_0000)));
    let plan = Machine::new().plan(&next).expect("a plan");
    assert_eq!(plan.image, PhysRange::new(PhysAddr::new(0x8240_0000), ALIGNMENT));
}

#[test]
fn all_memory_of_the_old_kernel_is_overwritten() {
    let file = flat(0x3000, 0x8000, 0x1f_f000);
    // Over the old image, whose first pages it takes.
    let at = IMAGE.wrapping_sub(0x1000);
    let more = [PhysRange::new(PhysAddr::new(0x8150_0000), 0x123)];
    let next = Next::new(Blob::contiguous(&file, FROM)).with_place(Place::At(at)).with_wiped(&more);
    let mut machine = Machine::new();
    let plan = machine.plan(&next).expect("a plan");
    assert_eq!(plan.image.start(), at);
    let old = [machine.plan.image.phys.all(), machine.plan.block, machine.facts.tree, more[0]];
    let zeros = |at: PhysAddr| {
        plan.steps.iter().any(|step| matches!(step, Step::Zero(range) if range.contains_address(at)))
    };
    let copied = |at: PhysAddr| {
        plan.steps.iter().any(|step| matches!(step, Step::Copy { to, .. } if to.contains_address(at)))
    };
    for range in old {
        for at in (0..range.size()).map(|offset| range.start().wrapping_add(offset)) {
            assert!(zeros(at) != copied(at), "{at} is neither overwritten nor the next kernel's, or both");
        }
    }
}
