//! The promises that hold after every step, for every translation that a hart may use.

use std::ops::Range;

use landfall_judge::translation_cache::{Access, Reach};
use landfall_paging::{PAGE_SIZE, PhysRange, VirtRange};
use landfall_space::DataAccess;

use crate::machine::{HARTS, Landed};

const PAGE: u64 = PAGE_SIZE;

pub(crate) fn bytes(range: PhysRange) -> Range<u64> {
    range.start().get()..range.end().get()
}

/// Returns the pages of a stretch that are looked at: all of a small one. Of a large one they are
/// those at edges of leaves of any size.
fn pages(stretch: VirtRange) -> impl Iterator<Item = u64> {
    let count = stretch.size() / PAGE;
    let last = count.saturating_sub(1);
    let is_wanted = move |page: &u64| *page < 17 || page + 17 > last || page % 16 == 15 && page % 128 < 32;
    (0..count).filter(is_wanted).map(move |page| stretch.start().wrapping_add(page * PAGE).get())
}

impl Landed {
    /// Returns true if a hart reaches memory at its linear address.
    fn is_linear(&self, reach: &Reach) -> bool {
        reach.virt.wrapping_sub(reach.translation.phys) == self.plan.linear.offset
    }

    /// Memory that was given back is reached at its linear address alone, and may be written there.
    pub(crate) fn assert_unused(&self, memory: PhysRange) {
        let inner = self.double.lock();
        if let Some(witness) = inner.harts.may_reach(bytes(memory), |reach| self.is_linear(reach)) {
            panic!("memory that was given back is in use: {witness}");
        }
    }

    /// No hart may write memory at one address and execute it at another.
    pub(crate) fn assert_never_both(&self, memory: PhysRange) {
        let reaches = self.double.lock().harts.reaching(bytes(memory));
        let writable = reaches.iter().find(|reach| reach.translation.flags.w());
        let executable = reaches.iter().find(|reach| reach.translation.flags.x());
        if let (Some(writable), Some(executable)) = (writable, executable) {
            panic!("memory is writable and executable: {writable:x?}, {executable:x?}");
        }
    }

    /// No hart may reach anything at these addresses.
    pub(crate) fn assert_unmapped(&self, stretch: VirtRange) {
        let inner = self.double.lock();
        for virt in pages(stretch) {
            for hart in 0..HARTS {
                if let Some(witness) = inner.harts.may(hart, virt, Access::Load) {
                    panic!("a guard is mapped: {witness}");
                }
            }
        }
    }

    /// Every hart reaches `memory` at `stretch`, with `access`, whatever it keeps.
    pub(crate) fn assert_mapped(&self, stretch: VirtRange, memory: PhysRange, access: Access) {
        let inner = self.double.lock();
        for virt in pages(stretch) {
            for hart in 0..HARTS {
                if let Some(witness) = inner.harts.may_fault(hart, virt) {
                    panic!("a mapping may fault: {witness}");
                }
                assert!(
                    inner.harts.may(hart, virt, access).is_some(),
                    "hart {hart} lacks {access:?} at {virt:#x}"
                );
            }
        }
        drop(inner);
        let reaches = self.double.lock().harts.reaching(bytes(memory));
        assert!(reaches.iter().any(|reach| reach.virt == stretch.start().get()), "it is mapped elsewhere");
    }

    /// Every hart has this access to the addresses, and no other, whatever it keeps.
    pub(crate) fn assert_access(&self, stretch: VirtRange, access: DataAccess) {
        let inner = self.double.lock();
        for virt in pages(stretch) {
            for hart in 0..HARTS {
                assert!(inner.harts.may(hart, virt, Access::Load).is_some());
                let stores = inner.harts.may(hart, virt, Access::Store);
                assert_eq!(
                    stores.is_some(),
                    access == DataAccess::ReadWrite,
                    "hart {hart} at {virt:#x}: {stores:?}"
                );
            }
        }
    }
}
