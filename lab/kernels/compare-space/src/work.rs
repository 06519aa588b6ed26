//! The operations, and the check of each result through the machine.

use core::arch::asm;

use compare_count::counted;
use landfall::address::{PAGE_SIZE, PhysAddr, VirtAddr};
use landfall::paging::{Fence, LeafFormat, Mode, Translation};
use landfall_paging::translate;

use crate::pool::Grounds;
use crate::tables::{LinearMap, linear};

/// The number of rows.
pub(crate) const SIZE: usize = 12;

/// The cost of an operation, and its correctness.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) instructions: u64,
    pub(crate) is_right: bool,
}

/// One for each row.
pub(crate) type Counts = [Count; SIZE];

/// A stretch to map.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    pub(crate) pages: u64,
    /// The offset in the addresses of the design, which begin at a multiple of 1 GiB.
    pub(crate) virt: u64,
    /// The memory.
    pub(crate) phys: PhysAddr,
}

impl Stretch {
    pub(crate) const fn size(self) -> u64 {
        self.pages * PAGE_SIZE
    }
}

/// The place of a stretch, by the leaves that fit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leaves {
    /// 4 KiB alone: addresses and memory differ in bit 12. The stretch begins at the second page of
    /// a table, so 512 pages reach into another.
    Small,
    /// 2 MiB.
    Large,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Map,
    Protect,
    Unmap,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    operation: Operation,
    pages: u64,
    leaves: Leaves,
}

/// All rows. Each finds what the one before it has left.
#[rustfmt::skip]
pub(crate) const ROWS: [Row; SIZE] = {
    use Leaves::{Large, Small};
    use Operation::{Map, Protect, Unmap};
    const fn row(name: &'static str, operation: Operation, pages: u64, leaves: Leaves) -> Row {
        Row { name, operation, pages, leaves }
    }
    [
        row("map_512_pages_as_2_MiB", Map, 512, Large),
        row("protect_512_pages_as_2_MiB", Protect, 512, Large),
        row("unmap_512_pages_as_2_MiB", Unmap, 512, Large),
        row("map_1_page", Map, 1, Small),
        row("protect_1_page", Protect, 1, Small),
        row("unmap_1_page", Unmap, 1, Small),
        row("map_64_pages", Map, 64, Small),
        row("protect_64_pages", Protect, 64, Small),
        row("unmap_64_pages", Unmap, 64, Small),
        row("map_512_pages", Map, 512, Small),
        row("protect_512_pages", Protect, 512, Small),
        row("unmap_512_pages", Unmap, 512, Small),
    ]
};

impl Row {
    pub(crate) fn stretch(&self, grounds: &Grounds) -> Stretch {
        let (virt, phys) = match self.leaves {
            Leaves::Small => (PAGE_SIZE, 2 * PAGE_SIZE),
            Leaves::Large => (4 << 20, 4 << 20),
        };
        Stretch { pages: self.pages, virt, phys: grounds.at(phys) }
    }
}

/// A design. An operation returns false if it failed.
pub(crate) trait Design {
    /// Makes the tables for a stretch, if an operation is not to make them.
    fn prepare(&mut self, _: Stretch) {}
    fn map(&mut self, stretch: Stretch) -> bool;
    fn protect(&mut self, stretch: Stretch) -> bool;
    fn unmap(&mut self, stretch: Stretch) -> bool;
    /// Returns the first address of the stretch that was mapped last.
    fn first(&self) -> VirtAddr;
}

struct Context<'a, D> {
    design: &'a mut D,
    stretch: Stretch,
}

/// Counts and checks all rows. The hart translates through `root`.
pub(crate) fn count<D: Design>(design: &mut D, grounds: &Grounds, root: PhysAddr) -> Counts {
    ROWS.map(|row| {
        let stretch = row.stretch(grounds);
        if row.operation == Operation::Map {
            design.prepare(stretch);
        }
        let counted = counted(function(row.operation), &mut Context { design: &mut *design, stretch });
        let is_right = counted.result != 0 && is_right(row.operation, design.first(), stretch, root);
        Count { instructions: counted.instructions, is_right }
    })
}

/// Executes an operation that is not counted. It is the same function.
pub(crate) fn run<D: Design>(design: &mut D, operation: Operation, stretch: Stretch) -> bool {
    function(operation)(&mut Context { design, stretch }) != 0
}

fn function<D: Design>(operation: Operation) -> extern "C" fn(&mut Context<D>) -> u64 {
    match operation {
        Operation::Map => map,
        Operation::Protect => protect,
        Operation::Unmap => unmap,
    }
}

extern "C" fn map<D: Design>(context: &mut Context<D>) -> u64 {
    context.design.map(context.stretch).into()
}

extern "C" fn protect<D: Design>(context: &mut Context<D>) -> u64 {
    context.design.protect(context.stretch).into()
}

extern "C" fn unmap<D: Design>(context: &mut Context<D>) -> u64 {
    context.design.unmap(context.stretch).into()
}

/// Returns true if the machine translates the first and the last page as it should. A word that is
/// written at the new address is read through the linear map.
fn is_right(operation: Operation, first: VirtAddr, stretch: Stretch, root: PhysAddr) -> bool {
    [0, stretch.size() - PAGE_SIZE].into_iter().all(|offset| {
        let virt = first.wrapping_add(offset);
        let new = core::ptr::with_exposed_provenance_mut::<u64>(virt.get() as usize);
        let old = linear::<u64>(stretch.phys.wrapping_add(offset));
        match operation {
            Operation::Map => {
                let word = virt.get() ^ 0x5eed;
                // SAFETY: the design has just mapped the page, which has no other user; the second
                // is the same word.
                unsafe {
                    new.write_volatile(word);
                    old.read_volatile() == word
                }
            }
            // SAFETY: as above.
            Operation::Protect => unsafe { new.read_volatile() == old.read_volatile() },
            Operation::Unmap => {
                // SAFETY: it reads.
                let memory = unsafe { LinearMap::new() };
                translate(&memory, Mode::Sv39, LeafFormat::Plain, root, virt) == Translation::Unmapped
            }
        }
    })
}

/// The most pages for which a design fences each page: the limit of `page_table_multiarch`.
const MOST_PAGES: u64 = 32;

/// Executes a fence on this hart, as `page_table_multiarch` does after the same change.
pub(crate) fn fence(fence: Fence) {
    match fence {
        Fence::Leaves(range) if range.size() < (MOST_PAGES + 1) * PAGE_SIZE => {
            let mut at = range.start();
            loop {
                // SAFETY: it orders, and nothing else.
                unsafe { asm!("sfence.vma {}, zero", in(reg) at.get(), options(nostack, preserves_flags)) };
                at = at.wrapping_add(PAGE_SIZE);
                if at == range.end() {
                    break;
                }
            }
        }
        _ => fence_all(),
    }
}

/// Executes a fence for all addresses on this hart.
pub(crate) fn fence_all() {
    // SAFETY: it orders, and nothing else.
    unsafe { asm!("sfence.vma", options(nostack, preserves_flags)) };
}
