//! Landfall's editor alone, on the kernel's own tables.
//!
//! - [`Fixed`] is as `page_table_multiarch`: the mode is fixed when the kernel is compiled, and any
//!   address may change.
//! - [`Landed`] is the editor that a landed kernel gets: the mode is chosen at run time, and an
//!   operation outside its regions is refused.

use landfall::Landing;
use landfall::address::{VirtAddr, VirtRange};
use landfall::paging::{Access, Editor, LandedTables, LinearTables, Mapping, Mode};
use landfall_paging::Sv39;

use crate::multiarch::{base, keep_tables, release_tables};
use crate::pool::{Grounds, Pool};
use crate::tables::LinearMap;
use crate::work::{self, Counts, Design, Stretch};

struct Fixed {
    editor: Editor<Sv39, LinearMap, Pool>,
    base: VirtAddr,
    first: VirtAddr,
}

impl Design for Fixed {
    fn map(&mut self, stretch: Stretch) -> bool {
        let mapping = mapping(self.base, stretch);
        self.first = mapping.virt;
        // SAFETY: nothing else uses addresses of the gigabyte from `base` on.
        unsafe { self.editor.map_anywhere(mapping) }.map(work::fence).is_ok()
    }

    fn protect(&mut self, stretch: Stretch) -> bool {
        let first = self.base.wrapping_add(stretch.virt);
        // SAFETY: as above.
        unsafe { self.editor.protect_anywhere(first, stretch.size(), Access::ReadOnly) }
            .map(work::fence)
            .is_ok()
    }

    fn unmap(&mut self, stretch: Stretch) -> bool {
        let first = self.base.wrapping_add(stretch.virt);
        // SAFETY: as above.
        unsafe { self.editor.unmap_anywhere(first, stretch.size()) }.map(work::fence).is_ok()
    }

    fn first(&self) -> VirtAddr {
        self.first
    }
}

struct Landed<'t> {
    editor: Editor<Mode, LinearTables<'t>, Pool>,
    base: VirtAddr,
    first: VirtAddr,
}

impl Design for Landed<'_> {
    fn map(&mut self, stretch: Stretch) -> bool {
        let mapping = mapping(self.base, stretch);
        self.first = mapping.virt;
        self.editor.map(mapping).map(work::fence).is_ok()
    }

    fn protect(&mut self, stretch: Stretch) -> bool {
        let first = self.base.wrapping_add(stretch.virt);
        self.editor.protect(first, stretch.size(), Access::ReadOnly).map(work::fence).is_ok()
    }

    fn unmap(&mut self, stretch: Stretch) -> bool {
        let first = self.base.wrapping_add(stretch.virt);
        self.editor.unmap(first, stretch.size()).map(work::fence).is_ok()
    }

    fn first(&self) -> VirtAddr {
        self.first
    }
}

fn mapping(base: VirtAddr, stretch: Stretch) -> Mapping {
    let virt = base.wrapping_add(stretch.virt);
    Mapping { virt, phys: stretch.phys, size: stretch.size(), access: Access::ReadWrite }
}

/// Counts all rows, by an editor with a fixed mode. The tables are as before afterwards.
pub(crate) fn fixed_counts(landing: &Landing, _: &mut LandedTables, grounds: &Grounds) -> Counts {
    let (base, format, root) = (base(landing), landing.plan().format, landing.satp().root());
    // SAFETY: these are this kernel's tables, and the caller's borrow excludes another editor.
    let memory = unsafe { LinearMap::new() };
    // SAFETY: as above.
    let editor = unsafe { Editor::new(Sv39, format, memory, Pool, root, [VirtRange::EMPTY; 2]) };
    counts(&mut Fixed { editor, base, first: base }, landing, grounds)
}

/// Counts all rows, by the editor of the landing's tables. The tables are as before afterwards.
pub(crate) fn landed_counts(landing: &Landing, tables: &mut LandedTables, grounds: &Grounds) -> Counts {
    let base = base(landing);
    counts(&mut Landed { editor: tables.editor(Pool), base, first: base }, landing, grounds)
}

fn counts(design: &mut impl Design, landing: &Landing, grounds: &Grounds) -> Counts {
    keep_tables(design, grounds);
    let counts = work::count(design, grounds, landing.satp().root());
    release_tables(design, grounds);
    counts
}
