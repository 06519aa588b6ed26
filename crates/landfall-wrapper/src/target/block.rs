//! The memory for everything that the wrapper makes: tables, boot information, stacks.

use landfall::Landing;
use landfall::address::{LinearAddr, PhysAddr, PhysRange, VirtAddr};
use landfall_paging::{Entry, Mapper, PAGE_SIZE, Satp, TableMemory};
use landfall_wrap::free_memory;

use super::placed::{Placed, bytes};
use super::refusal::Refused;
use super::space::Space;

/// Free memory, in one piece.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    tables: PhysRange,
    information: PhysRange,
    stacks: PhysRange,
}

impl Block {
    /// Takes the lowest free memory beside the inner kernel that is large enough, and gives the
    /// stacks of `space` theirs.
    ///
    /// # Errors
    /// [`Refused`] if no free memory is large enough, or the space has no tables.
    pub(super) fn place(
        landing: &Landing,
        placed: Placed,
        space: &mut Space<'_>,
        information: u64,
    ) -> Result<Self, Refused> {
        let tables = space.table_pages()? * PAGE_SIZE;
        let information = information.next_multiple_of(PAGE_SIZE);
        let stacks = space.stacks.all_memory().size();
        let alignment = space.stacks.alignment;
        let size = tables + information + stacks + alignment;
        let beside = |free: PhysRange| {
            [
                PhysRange::between(free.start(), free.end().min(placed.phys.start())),
                PhysRange::between(free.start().max(placed.phys.end()), free.end()),
            ]
        };
        let found =
            free_memory(landing.plan(), landing.facts()).flat_map(beside).find(|free| free.size() >= size);
        let start = found.ok_or(Refused::NoRoom { size })?.start();
        let tables = PhysRange::new(start, tables);
        let information = PhysRange::new(tables.end(), information);
        let end = information.end();
        let up = end.get().next_multiple_of(alignment);
        let stacks = PhysRange::new(PhysAddr::new(up), stacks);
        space.stacks.phys = stacks.start();
        Ok(Self { tables, information, stacks })
    }

    /// Returns all of it.
    pub(super) const fn all(&self) -> PhysRange {
        PhysRange::between(self.tables.start(), self.stacks.end())
    }

    /// Returns the address of the boot information in the linear map.
    pub(super) fn information_address(&self) -> VirtAddr {
        LinearAddr::from_phys(self.information.start()).virt()
    }

    /// Returns the memory of the boot information, zeroed.
    ///
    /// # Safety
    /// The memory was free, nothing else has a reference to it, and this is called once.
    pub(super) unsafe fn information(&self) -> &'static mut [u8] {
        // SAFETY: the caller's; the linear map holds free memory.
        let memory = unsafe { bytes(self.information) };
        memory.fill(0);
        memory
    }

    /// Zeroes the stacks, builds the tables of `space`, and returns the value of satp for them.
    ///
    /// # Errors
    /// None that a sound space could give.
    ///
    /// # Safety
    /// As for [`Block::information`].
    pub(super) unsafe fn build_tables(&self, space: &Space<'_>) -> Result<Satp, Refused> {
        // SAFETY: the caller's; the linear map holds free memory.
        unsafe { bytes(self.stacks) }.fill(0);
        let plan = space.landing.plan();
        let pages = self.tables.size() / PAGE_SIZE;
        // SAFETY: the caller's. The mapper writes to these pages alone.
        let memory = unsafe { LinearTables::new() };
        let mut mapper = Mapper::new(plan.mode, plan.format, memory, self.tables.start(), pages)?;
        space.for_each(|mapping| mapper.map(mapping))?;
        Ok(Satp::new(plan.mode, mapper.finish().root))
    }
}

/// Tables in free memory, which the linear map holds. No hart uses them yet.
struct LinearTables(());

impl LinearTables {
    /// # Safety
    /// The value goes to a mapper whose pages are free memory of the caller's.
    const unsafe fn new() -> Self {
        Self(())
    }
}

impl TableMemory for LinearTables {
    fn write_run(&mut self, at: PhysAddr, first: Entry, step: u64, count: usize) {
        let place = LinearAddr::from_phys(at).as_ptr::<u64>();
        let mut bits = first.bits();
        for index in 0..count {
            // SAFETY: the entry lies in a page of the mapper, by the contract of `new`.
            unsafe { place.add(index).write(bits) };
            bits = bits.wrapping_add(step);
        }
    }
}
