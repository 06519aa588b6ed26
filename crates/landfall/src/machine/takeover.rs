//! Taking the page tables over: a kernel that has tables of its own builds them, switches, and gets the landing's frames as free memory.

use core::sync::atomic::Ordering;

use landfall_paging::{Editor, Entry, Frames, LeafFormat, Mapping, Mode, PhysAddr, TableMemory, TableReader};
use landfall_plan::Range;

use super::address::LinearAddr;
use super::landing::Landing;

/// The tables that every hart has landed in, handed over to the kernel: to change them in place ([`LandedTables::editor`]), or to leave them for
/// tables of its own and give their frames back.
///
/// # What tables of the kernel's own must hold
/// All of [`LandedTables::mappings`], each where it is and with no more than its access. Then everything of landfall's goes on being right: [`LinearAddr`], [`ImageAddr`] and
/// [`virt_to_phys`] convert by constants in the code, the [`Landing`] and the device tree lie in what is mapped, and so do stacks. Leaves may have other sizes.
///
/// [`LinearAddr`]: crate::LinearAddr
/// [`ImageAddr`]: crate::ImageAddr
/// [`virt_to_phys`]: crate::virt_to_phys
#[derive(Debug)]
pub struct LandedTables {
    landing: &'static Landing,
}

impl Landing {
    /// Hands the page tables over. `None` where somebody has them already.
    #[must_use]
    pub fn take_tables(&'static self) -> Option<LandedTables> {
        let taken = self.tables_taken.swap(true, Ordering::AcqRel);
        (!taken).then_some(LandedTables { landing: self })
    }
}

impl LandedTables {
    /// The table that `satp` names.
    #[must_use]
    pub const fn root(&self) -> PhysAddr {
        self.landing.plan().block.start()
    }

    /// The frames of all tables, the root's first.
    #[must_use]
    pub const fn frames(&self) -> Range {
        self.landing.plan().tables()
    }

    /// The paging mode.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.landing.mode()
    }

    /// Which leaves the machine's harts understand, and what they need in each.
    #[must_use]
    pub const fn format(&self) -> LeafFormat {
        self.landing.plan().format
    }

    /// What they map, in ascending order.
    pub fn mappings(&self) -> impl Iterator<Item = Mapping> + use<> {
        self.landing.plan().mappings(self.landing.facts())
    }

    /// An editor of these tables: what it changes, every hart sees after the [`Fence`](landfall_paging::Fence) that it asks for. New tables come from `frames`.
    pub const fn editor<F: Frames>(&mut self, frames: F) -> Editor<Mode, LinearTables, F> {
        Editor::new(self.mode(), self.format(), LinearTables { _private: () }, frames, self.root())
    }

    /// Gives the tables up. Their frames are the kernel's from here on, as free as [`Landing::free_memory`], which goes on leaving them out.
    ///
    /// # Safety
    /// No hart uses them any more: each that has landed has written another root to `satp`, and has executed `sfence.vma` with rs1 = rs2 = x0 since.
    #[must_use]
    pub unsafe fn give_up(self) -> Range {
        self.frames()
    }
}

/// The memory of tables, through the linear map: the landing's, and frames out of [`Landing::free_memory`].
#[derive(Debug)]
pub struct LinearTables {
    _private: (),
}

impl TableReader for LinearTables {
    fn read(&self, at: PhysAddr) -> Entry {
        // SAFETY: an editor reads entries of tables, which lie in RAM, and all of that is in the linear map.
        Entry::from_bits(unsafe { LinearAddr::from_phys(at).as_ptr::<u64>().read_volatile() })
    }
}

impl TableMemory for LinearTables {
    fn write_run(&mut self, at: PhysAddr, first: Entry, step: u64, count: usize) {
        let place = LinearAddr::from_phys(at).as_ptr::<u64>();
        let mut bits = first.bits();
        for index in 0..count {
            // SAFETY: as above; one editor at a time has the tables, and each entry is one store.
            unsafe { place.add(index).write_volatile(bits) };
            bits = bits.wrapping_add(step);
        }
    }
}
