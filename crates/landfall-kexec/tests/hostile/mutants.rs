//! Hostile input: each mutant gives an error, or a plan that the model finds right. A good image
//! can be planned afterwards.

use std::panic::{AssertUnwindSafe, catch_unwind};

use landfall_kexec::{KexecError, Place};
use landfall_paging::PhysAddr;

use crate::machine::{Machine, RAM, SIZE, range};
use crate::{Random, byte, files};

const MUTANTS: u64 = 10_000;

fn good(kind: u64) -> Vec<u8> {
    match kind {
        0 => files::flat(0x6543, 0x8000, 0),
        1 => files::flat(0x6543, 0x8000, 0x20_0000),
        2 => files::landfall(),
        _ => {
            files::elf(&[(0x8100_0000, 0x2345, 0x3000), (0x8100_4000, 0x10, 0x1800), (0x8100_8000, 0, 0x800)])
        }
    }
}

fn mutate(machine: &mut Machine, kind: u64, random: &mut Random) {
    match random.below(8) {
        // Headers, records, ELF structures.
        0..3 => {
            let within = [0x80, 0x80, 0x1200, 64 + 3 * 56][usize::try_from(kind).expect("few")];
            for _ in 0..=random.below(3) {
                random.flip(&mut machine.image, within);
            }
        }
        3 => {
            let size = random.index(machine.image.len() + 1);
            machine.image.truncate(size);
            machine.image_at = vec![range(RAM + (8 << 20), size as u64)];
        }
        4 => {
            let mut tree = machine.usual_tree();
            let size = tree.len();
            for _ in 0..=random.below(3) {
                random.flip(&mut tree, size);
            }
            machine.tree = Some(tree);
        }
        // Trees without room.
        5 => {
            machine.block = random.below(16) * 0x1000;
            machine.command_line = vec![b'a'; random.index(0x9000)];
            machine.steps = random.index(24);
        }
        // Initrds over everything.
        6 => {
            let size = random.below(12 << 16);
            machine.initrd = (0..size).map(|at| byte(at >> 4)).collect();
            let at = RAM - 0x1_0000 + random.below(SIZE + 0x2_0000);
            let cut = random.below(size + 1);
            let apart = random.below(2) * 0x3000;
            machine.initrd_at = vec![range(at, cut), range(at + cut + apart, size - cut)];
        }
        _ => {
            for _ in 0..random.below(12) {
                let at = RAM + random.below(SIZE);
                let most = 1 << random.below(23);
                machine.reserve(range(at, 1 + random.below(most)));
            }
            machine.reserved.sort_by_key(|range| range.start());
        }
    }
}

fn place(random: &mut Random) -> Place {
    match random.below(4) {
        0 => Place::Drawn(random.next()),
        1 => Place::At(PhysAddr::new(RAM + random.below(SIZE >> 21 << 4) * 0x2_0000)),
        2 => Place::At(PhysAddr::new(random.next())),
        _ => Place::Lowest,
    }
}

#[test]
fn each_mutant_gives_an_error_or_a_right_plan() {
    let mut random = Random::new(0x9e37_79b9_7f4a_7c15);
    let (mut planned, mut refused) = (0_u64, 0_u64);
    for index in 0..MUTANTS {
        let kind = random.below(4);
        let mut machine = Machine::new(good(kind));
        if kind < 3 {
            machine.place = place(&mut random);
        }
        if random.below(3) == 0 {
            machine.efi = Some((0..48 * random.below(9)).map(|at| byte((at * 11) >> 1)).collect());
        }
        for _ in 0..=random.below(2) {
            mutate(&mut machine, kind, &mut random);
        }
        // The block is the running kernel's own: nothing else lies there.
        let block = range(crate::machine::BLOCK, 0x1_0000);
        if machine.initrd_at.iter().any(|piece| piece.overlaps(block)) {
            continue;
        }
        let result = catch_unwind(AssertUnwindSafe(|| machine.plan()));
        let Ok(result) = result else {
            panic!("mutant {index} of kind {kind}, placed {:?}", machine.place);
        };
        match result {
            Ok(_) => planned += 1,
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().is_empty());
            }
        }
    }
    assert!(planned > MUTANTS / 5 && refused > MUTANTS / 5, "{planned} planned, {refused} refused");
}

#[test]
fn good_images_are_planned_at_each_kind_of_place() {
    for kind in 0..4 {
        let mut machine = Machine::new(good(kind));
        machine.plan().expect("a plan");
        machine.efi = Some((0..48 * 5).map(|at| byte((at * 11) >> 1)).collect());
        machine.plan().expect("a plan under EFI");
        machine.initrd.clear();
        machine.initrd_at.clear();
        machine.plan().expect("a plan without an initrd");
        if kind < 3 {
            for draw in [0, 1 << 62, u64::MAX] {
                machine.place = Place::Drawn(draw);
                machine.plan().expect("a plan");
            }
            machine.place = Place::At(PhysAddr::new(RAM + (4 << 20)));
            machine.plan().expect("a plan");
        }
    }
}

#[test]
fn a_tree_without_room_names_the_bytes_that_it_needs() {
    let mut machine = Machine::new(good(0));
    machine.command_line = vec![b'a'; 0x2_0000];
    let Err(KexecError::BlockTooSmall { wanted, .. }) = machine.plan() else { panic!("no room") };
    machine.block = wanted;
    machine.plan().expect("so many bytes suffice");
    machine.block = wanted - 0x1000;
    assert!(matches!(machine.plan(), Err(KexecError::BlockTooSmall { .. })));
}
