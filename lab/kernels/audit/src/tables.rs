//! Entries of the tables that the hart uses, changed through the linear map.

use landfall::Landing;
use landfall::address::{LinearAddr, PhysAddr, VirtAddr};
use landfall::paging::Entry;

pub(crate) const PAGE: u64 = 4096;

type Table = [u64; 512];

/// The live tables, and free frames for more.
#[derive(Debug)]
pub(crate) struct LiveTables {
    levels: usize,
    root: PhysAddr,
    next: PhysAddr,
    end: PhysAddr,
}

impl LiveTables {
    pub(crate) fn of(landing: &Landing) -> Self {
        let Some(free) = landing.free_memory().max_by_key(|range| range.size()) else {
            panic!("no memory is free")
        };
        // Faults need memory that begins at a multiple of 2 MiB.
        let next = PhysAddr::new(free.start().get().next_multiple_of(2 << 20));
        let levels = landing.mode().levels();
        Self { levels, root: landing.satp().root(), next, end: free.end() }
    }

    pub(crate) const fn root(&self) -> PhysAddr {
        self.root
    }

    /// Takes frames full of zeros, which follow each other, and returns the first. The first frame
    /// of all begins at a multiple of 2 MiB.
    pub(crate) fn take(&mut self, count: u64) -> PhysAddr {
        let frame = self.next;
        self.next = frame.wrapping_add(count * PAGE);
        assert!(self.next <= self.end, "out of frames");
        for page in 0..count {
            let page = LinearAddr::from_phys(frame.wrapping_add(page * PAGE)).as_ptr::<Table>();
            // SAFETY: the linear map has all RAM, and no other code uses free memory.
            unsafe { page.write([0; 512]) };
        }
        frame
    }

    /// Writes the entry of `level` that serves `virt`, with the tables that lead to it.
    pub(crate) fn set(&mut self, virt: VirtAddr, level: usize, bits: u64) {
        let table = self.table(virt, level);
        write(table, index(virt, level), bits);
    }

    /// Returns the table of `level` that serves `virt`, which is made if it is missing.
    pub(crate) fn table(&mut self, virt: VirtAddr, level: usize) -> PhysAddr {
        let mut table = self.root;
        for above in (level + 1..self.levels).rev() {
            let entry = Entry::from_bits(read(table, index(virt, above)));
            assert!(!entry.is_leaf(), "a larger leaf maps {virt}");
            table = if entry.is_valid() {
                entry.target()
            } else {
                let next = self.take(1);
                write(table, index(virt, above), Entry::table(next).bits());
                next
            };
        }
        table
    }

    /// Writes an entry of the root's upper half that is not valid.
    pub(crate) fn set_free_of_root(&self, bits: u64) {
        let is_free = |index: &usize| !Entry::from_bits(read(self.root, *index)).is_valid();
        let Some(free) = (256..511).find(is_free) else { panic!("the root has no entry left") };
        write(self.root, free, bits);
    }
}

const fn index(virt: VirtAddr, level: usize) -> usize {
    (virt.get() >> (12 + 9 * level) & 511) as usize
}

fn read(table: PhysAddr, index: usize) -> u64 {
    assert!(index < 512);
    // SAFETY: a table has 512 entries, and the linear map has all tables.
    unsafe { LinearAddr::from_phys(table).as_ptr::<u64>().add(index).read_volatile() }
}

fn write(table: PhysAddr, index: usize, bits: u64) {
    assert!(index < 512);
    // SAFETY: a table has 512 entries, and the linear map has all tables. This kernel has one hart,
    // and uses no address that the entry serves.
    unsafe { LinearAddr::from_phys(table).as_ptr::<u64>().add(index).write_volatile(bits) };
}
