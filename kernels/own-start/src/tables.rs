//! This kernel's own page tables: sv39, three levels, the largest leaf that fits. (Privileged
//! specification, section "Sv39".)

use core::ptr::with_exposed_provenance_mut;

use landfall_paging::{Access, Mapping, PhysAddr};

const PAGE: u64 = 4096;

const VALID: u64 = 1;
/// Accessed and dirty, preset: hardware without Svadu faults otherwise.
const USED: u64 = 1 << 6 | 1 << 7;

const fn bits(access: Access) -> u64 {
    VALID
        | USED
        | match access {
            Access::ReadOnly => 1 << 1,
            Access::ReadWrite => 1 << 1 | 1 << 2,
            Access::ReadExecute => 1 << 1 | 1 << 3,
        }
}

type Table = [u64; 512];

struct Builder {
    next: u64,
    end: u64,
}

impl Builder {
    /// A page of zeros.
    fn table(&mut self) -> &'static mut Table {
        assert!(self.next < self.end, "the plan has counted the tables");
        // SAFETY: `build`'s caller gives pages that have no other owner, and each is taken once.
        let table = unsafe { &mut *with_exposed_provenance_mut::<Table>(self.next as usize) };
        self.next += PAGE;
        table.fill(0);
        table
    }

    fn below<'a>(&mut self, entry: &'a mut u64) -> &'a mut Table {
        if *entry == 0 {
            let table = self.table();
            *entry = (&raw const *table).expose_provenance() as u64 >> 12 << 10 | VALID;
            return table;
        }
        // SAFETY: a table that `table` made; the borrow of the entry that leads there keeps others
        // away.
        unsafe { &mut *with_exposed_provenance_mut::<Table>((*entry >> 10 << 12) as usize) }
    }

    fn map(&mut self, root: &mut Table, mapping: Mapping) {
        let Mapping { virt, phys, size, access } = mapping;
        let mut done = 0;
        while done < size {
            let (virt, phys) = (virt.get() + done, phys.get() + done);
            let fits = |shift: u32| (virt | phys) & ((1 << shift) - 1) == 0 && size - done >= 1 << shift;
            let shift = [30, 21].into_iter().find(|shift| fits(*shift)).unwrap_or(12);
            let mut table = &mut *root;
            let mut level = 30;
            while level > shift {
                table = self.below(&mut table[(virt >> level & 511) as usize]);
                level -= 9;
            }
            table[(virt >> level & 511) as usize] = phys >> 12 << 10 | bits(access);
            done += 1 << shift;
        }
    }
}

/// Builds tables in `pages` pages from `at` on, and says where the root is.
///
/// # Safety
/// Paging is off, and the pages are RAM that has no other owner.
pub(crate) unsafe fn build(at: PhysAddr, pages: u64, mappings: impl Iterator<Item = Mapping>) -> PhysAddr {
    let mut builder = Builder { next: at.get(), end: at.get() + pages * PAGE };
    let root = builder.table();
    mappings.for_each(|mapping| builder.map(root, mapping));
    at
}
