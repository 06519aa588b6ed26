//! This kernel's page tables, in whichever mode the machine has landed in: leaves of 4 KiB and 2
//! MiB, as its memory management likes them.

use landfall::Landing;
use landfall::address::{LinearAddr, PhysAddr, VirtAddr};
use landfall::paging::{Access, Entry, LeafFormat, LeafSize, Mapping, Mode};

const PAGE: u64 = 4096;

type Table = [u64; 512];

/// Frames out of what the landing has left free: one after the other.
pub(crate) struct Frames {
    next: PhysAddr,
    end: PhysAddr,
}

impl Frames {
    /// The largest stretch of free memory.
    pub(crate) fn of(landing: &Landing) -> Self {
        let Some(largest) = landing.free_memory().max_by_key(|range| range.size()) else {
            panic!("no memory is free")
        };
        Self { next: largest.start(), end: largest.end() }
    }

    fn take(&mut self) -> PhysAddr {
        assert!(self.next < self.end, "out of frames");
        let frame = self.next;
        self.next = frame.wrapping_add(PAGE);
        table(frame).fill(0);
        frame
    }
}

/// The table in a frame.
fn table(frame: PhysAddr) -> &'static mut Table {
    // SAFETY: the linear map holds all RAM, and the frames are this builder's alone.
    unsafe { &mut *LinearAddr::from_phys(frame).as_ptr::<Table>() }
}

/// Tables under construction.
pub(crate) struct OwnTables {
    mode: Mode,
    format: LeafFormat,
    frames: Frames,
    root: PhysAddr,
}

impl OwnTables {
    pub(crate) fn new(mode: Mode, format: LeafFormat, mut frames: Frames) -> Self {
        let root = frames.take();
        Self { mode, format, frames, root }
    }

    /// Maps RAM.
    pub(crate) fn map(&mut self, mapping: Mapping) {
        let Mapping { virt, phys, size, access } = mapping;
        let mut done = 0;
        while done < size {
            let (virt, phys) = (virt.wrapping_add(done), phys.wrapping_add(done));
            let large = LeafSize::M2.bytes();
            let fits = virt.is_aligned(large) && phys.is_aligned(large) && size - done >= large;
            let leaf = if fits { LeafSize::M2 } else { LeafSize::K4 };
            let entry = Entry::leaf(phys, access).formatted(self.format, leaf);
            *self.slot(virt, leaf.level()) = entry.bits();
            done += leaf.bytes();
        }
    }

    /// Maps a page of a device. On parts that mark memory by its place, which QEMU's are, such an
    /// entry looks like any other.
    pub(crate) fn map_device(&mut self, virt: VirtAddr, phys: PhysAddr) {
        *self.slot(virt, 0) = Entry::leaf(phys, Access::ReadWrite).bits();
    }

    /// The entry of `level` that serves `virt`, with the tables that lead to it.
    fn slot(&mut self, virt: VirtAddr, level: usize) -> &'static mut u64 {
        let index = |level: usize| (virt.get() >> (12 + 9 * level) & 511) as usize;
        let mut frame = self.root;
        for above in (level + 1..self.mode.levels()).rev() {
            let entry = &mut table(frame)[index(above)];
            if !Entry::from_bits(*entry).is_valid() {
                *entry = Entry::table(self.frames.take()).bits();
            }
            frame = Entry::from_bits(*entry).target();
        }
        &mut table(frame)[index(level)]
    }

    /// Returns the value of satp that makes a hart use them.
    pub(crate) fn satp(&self) -> u64 {
        landfall::paging::Satp::new(self.mode, self.root).bits()
    }
}
