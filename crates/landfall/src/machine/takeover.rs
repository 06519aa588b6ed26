//! Taking the page tables over: a kernel that has tables of its own builds them, switches, and gets
//! the landing's frames as free memory.

use core::marker::PhantomData;
use core::sync::atomic::Ordering;

use landfall_address::LinearAddr;
use landfall_paging::{
    Editor, Entry, Frames, LeafFormat, Mapping, Mode, PhysAddr, PhysRange, TableMemory, TableReader,
};

use super::landing::Landing;

/// The tables in which every hart has landed. The kernel changes them in place
/// ([`LandedTables::editor`]), or switches to its own tables and frees their frames.
///
/// # Required mappings of the kernel's own tables
/// All of [`LandedTables::mappings`], each at its address and with no more than its access. Leaves
/// may have other sizes. Then landfall's interface stays correct: [`LinearAddr`], [`ImageAddr`] and
/// [`virt_to_phys`] convert by constants in the code. The [`Landing`], the device tree and the
/// stacks stay mapped.
///
/// [`LinearAddr`]: crate::address::LinearAddr
/// [`ImageAddr`]: crate::address::ImageAddr
/// [`virt_to_phys`]: crate::address::virt_to_phys
#[derive(Debug)]
pub struct LandedTables {
    pub(super) landing: &'static Landing,
}

impl Landing {
    /// Returns the page tables. `None` if they were taken before.
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
    pub const fn frames(&self) -> PhysRange {
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

    /// Returns their mappings, in ascending order.
    pub fn mappings(&self) -> impl Iterator<Item = Mapping> + use<> {
        self.landing.plan().mappings(self.landing.facts())
    }

    /// Returns the editor of these tables; there is one at a time. It owns the dynamic region and
    /// the near region, in which the landing keeps nothing. Changes there are safe, and changes
    /// elsewhere are not ([`Editor::map_anywhere`] and the like). New tables come from `frames`.
    ///
    /// Every hart sees a change after the [`Fence`](landfall_paging::Fence) that the editor
    /// returns.
    pub fn editor<F: Frames>(&mut self, frames: F) -> Editor<Mode, LinearTables<'_>, F> {
        let plan = self.landing.plan();
        let (mode, format, root) = (self.mode(), self.format(), self.root());
        // SAFETY: these are the landing's tables. They are taken once, so this value is the only
        // one, and the editor borrows it: no other editor of them lives. The plan places nothing in
        // the two regions, and the landing has one root.
        unsafe { Editor::new(mode, format, LinearTables::NEW, frames, root, [plan.dynamic, plan.near]) }
    }

    /// Gives the tables up. Their frames are the kernel's from here on, as free as
    /// [`Landing::free_memory`], which goes on leaving them out.
    ///
    /// # Safety
    /// - No hart uses the tables any more. Each landed hart has written another root to `satp`, and
    ///   has executed `sfence.vma` with rs1 = rs2 = x0 since.
    /// - No editor has given one of these frames to its [`Frames`], as [`Editor::unmap_anywhere`]
    ///   does with a table that becomes empty.
    #[must_use]
    pub unsafe fn give_up(self) -> PhysRange {
        self.frames()
    }
}

/// The memory of tables, through the linear map: the landing's, and frames out of
/// [`Landing::free_memory`]. Only [`LandedTables::editor`] makes one.
#[derive(Debug)]
pub struct LinearTables<'a> {
    _tables: PhantomData<&'a mut LandedTables>,
}

impl LinearTables<'_> {
    const NEW: Self = Self { _tables: PhantomData };
}

impl TableReader for LinearTables<'_> {
    fn read(&self, at: PhysAddr) -> Entry {
        // SAFETY: only an editor of the landing's tables has this value. It reads entries of
        // tables, which the linear map holds.
        unsafe { read_entry(at) }
    }
}

impl TableMemory for LinearTables<'_> {
    fn write_run(&mut self, at: PhysAddr, first: Entry, step: u64, count: usize) {
        // SAFETY: as above. It writes to these tables and to the frames of its source alone.
        unsafe { write_entries(at, first, step, count) };
    }
}

/// Reads an entry through the linear map.
///
/// # Safety
/// `at` is an entry of a table, or of a frame for one, which the linear map holds.
pub(super) unsafe fn read_entry(at: PhysAddr) -> Entry {
    // SAFETY: the caller's.
    Entry::from_bits(unsafe { LinearAddr::from_phys(at).as_ptr::<u64>().read_volatile() })
}

/// Writes entries through the linear map, each by one store: `first`, then each `step` more.
///
/// # Safety
/// As for [`read_entry`], for each of the entries, and the caller may change them.
pub(super) unsafe fn write_entries(at: PhysAddr, first: Entry, step: u64, count: usize) {
    let place = LinearAddr::from_phys(at).as_ptr::<u64>();
    let mut bits = first.bits();
    for index in 0..count {
        // SAFETY: the caller's.
        unsafe { place.add(index).write_volatile(bits) };
        bits = bits.wrapping_add(step);
    }
}
