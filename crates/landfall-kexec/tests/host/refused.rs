//! Wishes that cannot be fulfilled. Each has its reason, and the same block serves the next plan.

use landfall_image::header::TEXT_OFFSET;
use landfall_kexec::{Blob, ImageError, KexecError, Next, Part, Place};
use landfall_paging::{Mode, PhysAddr, PhysRange};
use landfall_plan::{Plan, Policy};

use crate::files::{Load, elf, flat, small};
use crate::machine::{BLOCK, FIRMWARE, Machine, RAM, RESERVED};

const FROM: PhysAddr = PhysAddr::new(0x8200_1000);

/// Returns the error of a plan, after which a good image still gets one.
fn error(next: &Next<'_>) -> KexecError {
    let mut machine = Machine::new();
    let error = machine.plan(next).expect_err("no plan");
    let good = small();
    machine.plan(&Next::new(Blob::contiguous(&good, FROM))).expect("a good image has a plan");
    assert!(!error.to_string().is_empty());
    error
}

#[test]
fn places_that_are_no_free_memory_are_refused() {
    let file = small();
    let next = Next::new(Blob::contiguous(&file, FROM));
    for at in [FIRMWARE.start(), RESERVED.start(), BLOCK.start(), RAM.end(), PhysAddr::new(0)] {
        let result = error(&next.with_place(Place::At(at)));
        assert!(matches!(result, KexecError::Taken { part: Part::Image, .. }), "{at}: {result}");
    }
    let at = PhysAddr::new(0x8100_1000);
    assert_eq!(error(&next.with_place(Place::At(at))), KexecError::Misaligned { at, align: 2 << 20 });
}

#[test]
fn what_has_no_room_is_refused() {
    let huge = flat(0x3000, RAM.size(), TEXT_OFFSET);
    let next = Next::new(Blob::contiguous(&huge, FROM));
    assert_eq!(error(&next), KexecError::NoRoom { part: Part::Image, size: RAM.size() });
    let most = flat(0x3000, u64::MAX, TEXT_OFFSET);
    assert!(matches!(error(&Next::new(Blob::contiguous(&most, FROM))), KexecError::NoRoom { .. }));
}

#[test]
fn pieces_that_are_no_ram_or_have_another_size_are_refused() {
    let file = small();
    let outside = Blob::contiguous(&file, RAM.end().wrapping_sub(0x1000));
    assert_eq!(error(&Next::new(outside)), KexecError::NotInRam(Part::Image));
    let pieces = [PhysRange::new(FROM, 0x2fff)];
    assert_eq!(error(&Next::new(Blob::scattered(&file, &pieces))), KexecError::NotInRam(Part::Image));
    let good = Next::new(Blob::contiguous(&file, FROM));
    assert_eq!(error(&good.with_initrd(Blob::scattered(&file, &pieces))), KexecError::NotInRam(Part::Initrd));
}

#[test]
fn texts_and_wipes_that_cannot_be_are_refused() {
    let file = small();
    let good = Next::new(Blob::contiguous(&file, FROM));
    assert_eq!(error(&good.with_command_line(b"a\0b")), KexecError::CommandLine);
    let wiped = [FIRMWARE];
    assert_eq!(error(&good.with_wiped(&wiped)), KexecError::Wiped(FIRMWARE));
    let long = vec![b'x'; 2 << 20];
    assert!(matches!(error(&good.with_command_line(&long)), KexecError::TreeTooLarge { .. }));
    let longer = vec![b'x'; 60 << 10];
    assert!(matches!(error(&good.with_command_line(&longer)), KexecError::BlockTooSmall { .. }));
}

#[test]
fn an_elf_of_one_place_gets_no_other() {
    let load = Load { offset: 0x1000, virt: 0x8100_0000, phys: 0x8100_0000, file: 0x800, memory: 0x800 };
    let file = elf(load.phys, &[load], 0x2000);
    let next = Next::new(Blob::contiguous(&file, FROM));
    for place in [Place::Drawn(0), Place::At(PhysAddr::new(0x8120_0000))] {
        assert!(matches!(error(&next.with_place(place)), KexecError::Fixed { .. }));
    }
    let over = Load { phys: BLOCK.start().get(), ..load };
    let file = elf(over.virt, &[over], 0x2000);
    let result = error(&Next::new(Blob::contiguous(&file, FROM)));
    assert!(matches!(result, KexecError::Taken { part: Part::Image, .. }), "{result}");
}

#[test]
fn each_damaged_file_is_named() {
    let read = |bytes: &[u8]| match error(&Next::new(Blob::contiguous(bytes, FROM))) {
        KexecError::Image(error) => error,
        other => panic!("{other}"),
    };
    assert!(matches!(read(&[0; 0x1000]), ImageError::Unknown(_)));
    for (magic, name) in [(&b"\x1f\x8b"[..], "gzip"), (b"\xfd7zXZ\0", "xz"), (b"\x28\xb5\x2f\xfd", "zstd")] {
        assert_eq!(read(magic), ImageError::Compressed { format: name });
    }
    let mut big = small();
    big[0x18] = 1;
    assert_eq!(read(&big), ImageError::BigEndian);
    let load = Load { offset: 0x1000, virt: 0, phys: 0x8100_0000, file: 0x800, memory: 0x800 };
    let wrong = [
        (elf(0x10, &[], 0x2000), "it has no segment"),
        (elf(0x1_0000, &[load], 0x2000), "its entry"),
        (elf(0x10, &[load, load], 0x2000), "two of its segments overlap"),
        (elf(0x10, &[Load { file: 0x1001, memory: 0x1001, ..load }], 0x2000), "outside the file"),
        (elf(0x10, &[Load { file: 0x900, ..load }], 0x2000), "more bytes in the file"),
        (elf(0x10, &[Load { phys: u64::MAX - 4, ..load }], 0x2000), "56 bits"),
    ];
    for (file, words) in wrong {
        let error = read(&file);
        assert!(error.to_string().contains(words), "{error}, without {words}");
    }
    let many: Vec<_> = (0..17).map(|index| Load { phys: load.phys + index * 0x1000, ..load }).collect();
    assert_eq!(read(&elf(0x10, &many, 0x2000)), ImageError::TooManySegments);
}

/// RAM may begin at physical 0. A landing's free memory has that page, so a block may have it.
#[test]
fn free_memory_at_physical_0_serves_as_block() {
    let mut machine = Machine::new();
    let low = PhysRange::new(PhysAddr::new(0), BLOCK.size());
    machine.facts.ram.insert(low).expect("room for a range");
    machine.plan = Plan::new(&machine.facts, &Policy::new(), Mode::Sv48, None).expect("the machine lands");
    assert!(machine.plan.free_memory(&machine.facts).any(|free| free.contains(low)), "it is free");
    let file = small();
    let next = Next::new(Blob::contiguous(&file, FROM));
    machine.plan_with(&next, low.start()).expect("free memory serves as block");
    // Only the running kernel's own pages are there, so to wipe them is no fault either.
    machine.plan(&next.with_wiped(&[low])).expect("it can be wiped");
}
