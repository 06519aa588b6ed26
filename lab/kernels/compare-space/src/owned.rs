//! The live address space, which finds addresses, keeps guards, and fences.

use landfall::Landing;
use landfall::address::{PhysRange, VirtAddr};
use landfall::space::{Area, DataAccess, Memory, Region, Withdrawal};

use crate::pool::Grounds;
use crate::shootdown::Space;
use crate::work::{self, Counts, Design, Operation, Stretch};

struct Owned<'s> {
    space: &'s Space,
    area: Option<Area>,
    first: VirtAddr,
}

impl Design for Owned<'_> {
    fn prepare(&mut self, stretch: Stretch) {
        for operation in [Operation::Map, Operation::Unmap] {
            assert!(work::run(self, operation, stretch), "memory can be mapped and unmapped");
        }
    }

    fn map(&mut self, stretch: Stretch) -> bool {
        // SAFETY: the memory has no other user, and the mapping before has ended.
        let memory = unsafe { Memory::new(PhysRange::new(stretch.phys, stretch.size())) };
        self.area = self.space.map(memory, DataAccess::ReadWrite, Region::Dynamic).ok();
        self.area.as_ref().is_some_and(|area| {
            self.first = area.range().start();
            true
        })
    }

    fn protect(&mut self, _: Stretch) -> bool {
        let Some(area) = &mut self.area else { return false };
        let all = area.range();
        self.space.protect(area, all, DataAccess::ReadOnly).is_ok_and(|flush| flush.complete().is_ok())
    }

    fn unmap(&mut self, _: Stretch) -> bool {
        let Some(area) = self.area.take() else { return false };
        self.space.unmap(area).is_ok_and(|withdrawal| Withdrawal::complete(withdrawal).is_ok())
    }

    fn first(&self) -> VirtAddr {
        self.first
    }
}

/// Counts all rows. The space has made all tables before.
pub(crate) fn counts(landing: &Landing, space: &Space, grounds: &Grounds) -> Counts {
    let first = space.region(Region::Dynamic).start();
    let mut design = Owned { space, area: None, first };
    work::count(&mut design, grounds, landing.satp().root())
}
