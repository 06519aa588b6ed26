//! Taking the page tables over: a kernel that has tables of its own builds them, switches, and gets the landing's frames as free memory.

use core::sync::atomic::Ordering;

use landfall_paging::{LeafFormat, Mapping, Mode, PhysAddr};
use landfall_plan::Range;

use super::landing::Landing;

/// The tables that every hart has landed in, handed over to the kernel: to change them in place (crate `landfall-paging`, `Editor`), or to leave them for
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

    /// Gives the tables up. Their frames are the kernel's from here on, as free as [`Landing::free_memory`], which goes on leaving them out.
    ///
    /// # Safety
    /// No hart uses them any more: each that has landed has written another root to `satp`, and has executed `sfence.vma` with rs1 = rs2 = x0 since.
    #[must_use]
    pub unsafe fn give_up(self) -> Range {
        self.frames()
    }
}
