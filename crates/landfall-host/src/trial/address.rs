//! Random physical addresses for an image.

use landfall_predict::units::{Address, Size};

use super::subject::Permits;
use crate::place::{DEFAULT, RAM};
use crate::random::Random;

/// QEMU keeps the device tree in the last 4 MiB of RAM, or of the RAM below 3 GiB.
const TREE: u64 = 4 << 20;
const TREE_BORDER: u64 = 0xc000_0000;

/// QEMU puts an initrd at most this far above the kernel, or half of RAM.
const INITRD: u64 = 512 << 20;

/// The room for an image.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// The machine's RAM.
    pub(super) memory: Size,
    /// Bytes of the image in memory.
    pub(super) image: Size,
    /// Bytes of the initrd, if there is one.
    pub(super) initrd: Option<u64>,
}

impl Room {
    /// Draws an address; `None` if the image has no room.
    pub(super) fn draw(self, permits: Permits, random: &mut Random) -> Option<Address> {
        let Permits::Multiples(Size(unit)) = permits else { return None };
        let ranges = self.ranges().map(|(start, end)| {
            let first = start.next_multiple_of(unit);
            let last = end.checked_sub(self.image.0).filter(|last| *last >= first);
            (first, last.map_or(0, |last| (last - first) / unit + 1))
        });
        let choices: u64 = ranges.iter().map(|(_, count)| count).sum();
        let mut index = random.below(choices);
        for (first, count) in ranges {
            if index < count {
                return Some(Address(first + index * unit));
            }
            index -= count;
        }
        None
    }

    /// Memory without the tree, and without the place of an initrd: below the tree and above it.
    fn ranges(self) -> [(u64, u64); 2] {
        let end = RAM.0.saturating_add(self.memory.0);
        let tree = end.min(TREE_BORDER).saturating_sub(TREE);
        match self.initrd {
            None => [(DEFAULT.0, tree), (TREE_BORDER, end)],
            Some(initrd) => {
                let distance = INITRD.min(self.memory.0 / 2);
                [(DEFAULT.0, tree.saturating_sub(distance + initrd)), (end, end)]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Permits = Permits::Multiples(Size::kib(4));

    fn drawn(room: Room, permits: Permits) -> Vec<u64> {
        let mut random = Random::new(1);
        (0..1000).filter_map(|_| room.draw(permits, &mut random)).map(|at| at.0).collect()
    }

    #[test]
    fn an_image_lies_in_ram_and_not_over_the_tree() {
        for gib in [1, 2, 16] {
            let room = Room { memory: Size::gib(gib), image: Size::mib(1), initrd: None };
            let all = drawn(room, PAGE);
            assert_eq!(all.len(), 1000);
            let end = 0x8000_0000 + (u64::from(gib) << 30);
            for at in all {
                let after = at + (1 << 20);
                assert!(at.is_multiple_of(4096) && at >= 0x8020_0000 && after <= end, "{at:#x}");
                assert!(after <= end.min(TREE_BORDER) - TREE || at >= TREE_BORDER, "{at:#x}");
            }
        }
    }

    #[test]
    fn a_header_of_linux_permits_multiples_of_2_mib() {
        let room = Room { memory: Size::gib(1), image: Size::mib(30), initrd: Some(9 << 20) };
        let all = drawn(room, Permits::Multiples(Size::mib(2)));
        assert!(all.len() == 1000 && all.iter().all(|at| at.is_multiple_of(2 << 20)));
        assert!(all.iter().all(|at| at + INITRD + (9 << 20) <= TREE_BORDER - TREE));
    }

    #[test]
    fn no_address_is_drawn_without_room() {
        let room = |mib, image| Room { memory: Size::mib(mib), image: Size::mib(image), initrd: None };
        assert!(drawn(room(16, 16), PAGE).is_empty());
        assert!(drawn(room(64, 1), Permits::Only(DEFAULT)).is_empty());
        assert!(!drawn(room(16, 9), PAGE).is_empty());
    }
}
