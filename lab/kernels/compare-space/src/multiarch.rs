//! `page_table_multiarch`: a root of its own, which shares the kernel's mappings.

use core::arch::asm;
use core::mem::ManuallyDrop;

use landfall::Landing;
use landfall::address::{PAGE_SIZE, PhysAddr, VirtAddr};
use landfall::paging::{Frames, Mode, Satp};
use page_table_multiarch::{MappingFlags, PagingHandler, riscv::Sv39PageTable};

use crate::pool::{Grounds, Pool};
use crate::tables::linear;
use crate::work::{self, Counts, Design, Operation, Stretch};

/// Frames for tables, reached through the linear map.
struct Handler;

impl PagingHandler for Handler {
    fn alloc_frames(count: usize, _: usize) -> Option<memory_addr::PhysAddr> {
        if count == 1 { Pool.take().map(address) } else { None }
    }

    fn dealloc_frames(frame: memory_addr::PhysAddr, _: usize) {
        Pool.give_back(PhysAddr::new(frame.as_usize() as u64));
    }

    fn phys_to_virt(at: memory_addr::PhysAddr) -> memory_addr::VirtAddr {
        memory_addr::VirtAddr::from_mut_ptr_of(linear::<u8>(PhysAddr::new(at.as_usize() as u64)))
    }
}

fn address(at: PhysAddr) -> memory_addr::PhysAddr {
    memory_addr::PhysAddr::from_usize(at.get() as usize)
}

struct Multiarch {
    /// Dropping it would give the kernel's own tables back, which it shares.
    tables: ManuallyDrop<Sv39PageTable<Handler>>,
    base: VirtAddr,
    first: VirtAddr,
}

impl Design for Multiarch {
    fn map(&mut self, stretch: Stretch) -> bool {
        let (first, start) = (self.base.wrapping_add(stretch.virt), stretch.phys.get());
        self.first = first;
        let phys = |at: memory_addr::VirtAddr| {
            memory_addr::PhysAddr::from_usize((start + (at.as_usize() as u64 - first.get())) as usize)
        };
        let access = MappingFlags::READ | MappingFlags::WRITE;
        self.tables.cursor().map_region(virt(first), phys, stretch.size() as usize, access, true).is_ok()
    }

    fn protect(&mut self, stretch: Stretch) -> bool {
        let first = virt(self.base.wrapping_add(stretch.virt));
        self.tables.cursor().protect_region(first, stretch.size() as usize, MappingFlags::READ).is_ok()
    }

    fn unmap(&mut self, stretch: Stretch) -> bool {
        let first = virt(self.base.wrapping_add(stretch.virt));
        self.tables.cursor().unmap_region(first, stretch.size() as usize).is_ok()
    }

    fn first(&self) -> VirtAddr {
        self.first
    }
}

fn virt(at: VirtAddr) -> memory_addr::VirtAddr {
    memory_addr::VirtAddr::from_usize(at.get() as usize)
}

/// Counts all rows.
pub(crate) fn counts(landing: &Landing, grounds: &Grounds) -> Counts {
    let Ok(tables) = Sv39PageTable::<Handler>::try_new() else { panic!("there is a frame for a root") };
    let root = PhysAddr::new(tables.root_paddr().as_usize() as u64);
    let (old, new) = (linear::<u64>(landing.satp().root()), linear::<u64>(root));
    // SAFETY: both are root tables, and no hart uses the second yet.
    unsafe { new.copy_from_nonoverlapping(old, 512) };
    let base = base(landing);
    let mut design = Multiarch { tables: ManuallyDrop::new(tables), base, first: base };
    keep_tables(&mut design, grounds);
    use_root(Satp::new(Mode::Sv39, root));
    let counts = work::count(&mut design, grounds, root);
    use_root(landing.satp());
    counts
}

/// Maps a page in each of two tables: none becomes empty, and none is made while we count.
pub(crate) fn keep_tables(design: &mut impl Design, grounds: &Grounds) {
    for virt in KEPT {
        let stretch = Stretch { pages: 1, virt, phys: grounds.at(0) };
        assert!(work::run(design, Operation::Map, stretch), "a page can be mapped");
    }
}

/// Unmaps what [`keep_tables`] has mapped.
pub(crate) fn release_tables(design: &mut impl Design, grounds: &Grounds) {
    for virt in KEPT {
        let stretch = Stretch { pages: 1, virt, phys: grounds.at(0) };
        assert!(work::run(design, Operation::Unmap, stretch), "a page can be unmapped");
    }
}

/// The pages that [`keep_tables`] maps: those beside the 512 pages that are mapped later.
const KEPT: [u64; 2] = [0, (2 << 20) + PAGE_SIZE];

/// Returns the first address of a gigabyte of the dynamic region that no table serves yet.
pub(crate) fn base(landing: &Landing) -> VirtAddr {
    let gigabyte = 1 << 30;
    landing.plan().dynamic.start().wrapping_add(2 * gigabyte - 1).align_down(gigabyte)
}

/// Makes the hart translate through other tables with the same mappings of the kernel.
fn use_root(satp: Satp) {
    work::fence_all();
    // SAFETY: what runs here stays mapped.
    unsafe { asm!("csrw satp, {}", in(reg) satp.bits(), options(nostack, preserves_flags)) };
    work::fence_all();
}
