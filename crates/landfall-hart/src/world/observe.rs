//! Shows translated accesses to an observer, each with the walk that translates it now.

use super::{Access, World};
use crate::hart::Hart;
use crate::memory::word_of;
use crate::tlb::{self, Fence, Kind, LeafSize, Observer, Walk};

/// V of an entry.
const V: u64 = 1;
/// R, W and X of an entry.
const RWX: u64 = 0xe;
/// G of an entry.
const G: u64 = 1 << 5;
/// N of an entry: 64 KiB (Svnapot).
const N: u64 = 1 << 63;

/// The leaf of each level.
const SIZES: [LeafSize; 5] = [LeafSize::K4, LeafSize::M2, LeafSize::G1, LeafSize::G512, LeafSize::T256];

/// The observer of a machine's accesses, if there is one.
pub(crate) type Observing = Option<Box<dyn Observer>>;

impl World {
    /// Shows an access, unless translation is off.
    #[cold]
    #[inline(never)]
    pub(super) fn observe(&mut self, hart: &Hart, address: u64, access: Access) {
        let Some((walk, _)) = self.walk_of(hart.csrs.satp, address) else { return };
        let kind = match access {
            Access::Load => Kind::Load,
            Access::Store => Kind::Store,
            Access::Fetch => Kind::Fetch,
        };
        if let Some(observer) = &mut self.observer {
            observer.access(hart.index, &tlb::Access { address, kind, walk });
        }
    }

    /// Shows a fence of translations.
    pub(super) fn observe_fence(&mut self, hart: &Hart, address: Option<u64>, asid: Option<u64>) {
        if let Some(observer) = &mut self.observer {
            observer.fence(hart.index, Fence { address, asid });
        }
    }

    /// Returns the walk through the present entries, and the physical address to which it leads.
    /// `None` without translation, or without a leaf.
    pub(crate) fn walk_of(&mut self, satp: u64, address: u64) -> Option<(Walk, u64)> {
        let levels = match satp >> 60 {
            8 => 3,
            9 => 4,
            10 => 5,
            _ => return None,
        };
        let (mut table, mut is_global) = ((satp & ((1 << 44) - 1)) << 12, false);
        let mut reads = [0; 5];
        for read in 0..levels {
            let level = levels - 1 - read;
            let at = table + 8 * (address >> (12 + 9 * level) & 511);
            reads[read] = at;
            let frame = self.memory.frame_at(at)?;
            let entry = self.memory.frame(frame).word(word_of(at));
            is_global |= entry & G != 0;
            if entry & V == 0 {
                return None;
            }
            if entry & RWX != 0 {
                let leaf = if entry & N == 0 { SIZES[level] } else { LeafSize::K64 };
                let offset = if entry & N == 0 { (1 << (12 + 9 * level)) - 1 } else { 0xffff };
                let memory = (entry & ((1 << 54) - 1)) >> 10 << 12;
                let physical = memory & !offset | address & offset;
                return Some((Walk::new(&reads[..=read], leaf, is_global), physical));
            }
            table = (entry & ((1 << 54) - 1)) >> 10 << 12;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;
    use crate::hart::testing::{RAM, plain};

    const ROOT: u64 = RAM + 0x1000;
    const MIDDLE: u64 = RAM + 0x2000;
    const LAST: u64 = RAM + 0x3000;

    #[derive(Debug, Default)]
    struct Seen {
        accesses: Vec<tlb::Access>,
        fences: Vec<Fence>,
    }

    impl Observer for Seen {
        fn access(&mut self, hart: usize, access: &tlb::Access) {
            assert_eq!(hart, 0);
            self.accesses.push(*access);
        }

        fn fence(&mut self, _: usize, fence: Fence) {
            self.fences.push(fence);
        }
    }

    fn pointer(table: u64) -> u64 {
        table >> 2 | V
    }

    fn leaf(physical: u64) -> u64 {
        physical >> 2 | 0xc0 | RWX | V
    }

    #[test]
    fn each_access_is_shown_with_its_walk() {
        let (mut world, mut hart) = plain();
        let seen = Rc::new(RefCell::new(Seen::default()));
        world.observer = Some(Box::new(Rc::clone(&seen)));
        let entries = [
            (ROOT + 8 * 2, leaf(0x8000_0000) | G),
            (ROOT + 8 * 3, pointer(MIDDLE)),
            (MIDDLE + 8, leaf(RAM)),
            (MIDDLE, pointer(LAST)),
            (LAST + 8 * 5, leaf(RAM)),
            (LAST + 8 * 17, leaf(RAM + 0x8000) | N),
        ];
        for (at, entry) in entries {
            world.store(&mut hart, at, 8, entry).expect("memory");
        }
        assert_eq!(seen.borrow().accesses, [], "translation is off");
        hart.csrs.satp = 8 << 60 | ROOT >> 12;
        world.translation_root_changed(&mut hart, 0);
        let places = [
            (RAM + 8, LeafSize::G1, &[ROOT + 16][..], true),
            (0xc020_0010, LeafSize::M2, &[ROOT + 24, MIDDLE + 8][..], false),
            (0xc000_5018, LeafSize::K4, &[ROOT + 24, MIDDLE, LAST + 40], false),
            (0xc001_1020, LeafSize::K64, &[ROOT + 24, MIDDLE, LAST + 136], false),
        ];
        for (address, size, reads, is_global) in places {
            // Twice: no access takes the quick way.
            for _ in 0..2 {
                world.load(&mut hart, address, 8).expect("a translation");
                let access = seen.borrow_mut().accesses.pop().expect("it was shown");
                let walk = Walk::new(reads, size, is_global);
                assert_eq!(access, tlb::Access { address, kind: Kind::Load, walk });
            }
        }
        world.store(&mut hart, 0xc000_5018, 1, 7).expect("a translation");
        assert_eq!(seen.borrow_mut().accesses.pop().map(|access| access.kind), Some(Kind::Store));
        world.load(&mut hart, 0xc000_6000, 8).expect_err("nothing is mapped there");
        assert_eq!(seen.borrow().accesses, []);
        hart.pc = 0xc000_5000;
        world.fetch(&mut hart).expect("a translation");
        assert_eq!(seen.borrow_mut().accesses.pop().map(|access| access.kind), Some(Kind::Fetch));
        world.fence_translations(&mut hart, Some(0x1000), None);
        assert_eq!(seen.borrow().fences, [Fence { address: Some(0x1000), asid: None }]);
    }
}
