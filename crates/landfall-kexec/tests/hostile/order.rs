//! The order of the copies, where sources lie in targets.

use landfall_kexec::{ALIGNMENT, Place};
use landfall_paging::{PhysAddr, PhysRange};

use crate::machine::{Machine, RAM, range};
use crate::{Random, byte, files};

const PAGES: u64 = 24;
const PLACE: u64 = RAM + (6 << 20);

/// The pages of a place, in any order.
fn shuffled(random: &mut Random, start: u64, pages: u64) -> Vec<PhysRange> {
    let mut all: Vec<_> = (0..pages).map(|page| range(start + page * 0x1000, 0x1000)).collect();
    for index in (1..all.len()).rev() {
        all.swap(index, random.index(index + 1));
    }
    all
}

#[test]
fn pages_of_the_target_in_any_order_come_into_theirs() {
    let mut random = Random::new(0x1234_5678_9abc_def1);
    for _ in 0..300 {
        let mut machine =
            Machine::new(files::flat(usize::try_from(PAGES).expect("few") << 12, PAGES << 12, 0));
        machine.image_at = shuffled(&mut random, PLACE, PAGES);
        machine.place = Place::At(PhysAddr::new(PLACE));
        machine.steps = 1024;
        machine.plan().expect("a plan");
    }
}

#[test]
fn sources_that_overlap_their_targets_by_any_distance_arrive_whole() {
    let mut random = Random::new(0xfeed_5678_9abc_def1);
    for _ in 0..1000 {
        let size = 0x1000 + random.below(0x2_0000);
        let mut machine = Machine::new(files::flat(usize::try_from(size).expect("small"), size, 0));
        let at = PLACE - 0x1_0000 + random.below(0x2_0000);
        // In up to three pieces, some apart.
        let cuts = [random.below(size), random.below(size)];
        let (low, high) = (cuts[0].min(cuts[1]), cuts[0].max(cuts[1]));
        let gap = [0, 0x800, 0x4_0000][random.index(3)];
        machine.image_at = vec![
            range(at + high + gap, low),
            range(at, high - low),
            range(at + 2 * high + gap * 2, size - high),
        ];
        if machine.image_at[1].overlaps(machine.image_at[0])
            || machine.image_at[2].overlaps(machine.image_at[0])
        {
            continue;
        }
        machine.place = Place::At(PhysAddr::new(PLACE));
        machine.plan().expect("a plan");
    }
}

/// Image and initrd lie in each other's place. All other memory is reserved but for the running
/// kernel's, which is too small for either.
#[test]
fn image_and_initrd_change_places() {
    let mut random = Random::new(0xabcd_5678_9abc_def1);
    for _ in 0..100 {
        let (pages, size) = (3 * PAGES, (3 * PAGES) << 12);
        assert!(Machine::old().iter().all(|old| old.size() < size));
        // The image ends at a multiple of 2 MiB, so it takes no more memory than its bytes.
        let offset = ALIGNMENT - size;
        let place = PLACE + offset;
        let mut machine = Machine::new(files::flat(usize::try_from(size).expect("small"), size, offset));
        machine.place = Place::At(PhysAddr::new(place));
        machine.initrd = (0..size).map(|at| byte(at >> 5)).collect();
        let mut all = shuffled(&mut random, place, 2 * pages);
        machine.initrd_at = all.split_off(usize::try_from(pages).expect("few"));
        machine.image_at = all;
        machine.steps = 1024;
        machine.reserve_all_but(range(place, 2 * size));
        assert!(machine.plan().expect("a plan") > 0);
    }
}
