//! The address space of an inner kernel, beside its ELF as another reader reads it.

use std::collections::BTreeSet;

use landfall_judge::entry::Leaf;
use landfall_judge::tables::Tables;
use object::LittleEndian;
use object::elf::{PF_W, PF_X, PT_GNU_RELRO, PT_LOAD};
use object::read::elf::{ElfFile64, ProgramHeader as _};

use super::Landed;
use crate::image::Image;
use crate::session::{Session, as_text};

const PAGE: u64 = 4096;

/// A page of an inner kernel, as its ELF states it.
#[derive(Clone, Copy, Debug)]
struct Page {
    /// Its address, as linked.
    linked: u64,
    writes: bool,
    executes: bool,
}

/// The places of an inner kernel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places {
    pub(crate) virt: u64,
    pub(crate) phys: u64,
}

impl Landed {
    /// Runs from `main` until every hart uses the tables for the inner kernel, and returns those.
    pub(crate) fn go_to_inner(&mut self, session: &mut Session, image: &Image) -> Result<Tables, String> {
        self.go_to_switch(session, image)
    }

    /// Checks the tables of the inner kernel in `elf`, which lies at these places. Each page has
    /// the permissions of its segment. Nothing else is executable but one page of the wrapper, and
    /// the wrapper has no other page.
    pub(crate) fn check_inner(
        &mut self,
        tables: &Tables,
        image: &Image,
        elf: &[u8],
        places: Places,
    ) -> Result<(), String> {
        let pages = pages(elf)?;
        let first = pages.first().ok_or("the inner kernel has no page")?.linked;
        for page in &pages {
            let (virt, phys) = (page.linked - first + places.virt, page.linked - first + places.phys);
            let leaf = tables.walk.leaves.iter().find(|leaf| holds(leaf, virt));
            match leaf.map(|leaf| (virt - leaf.virt + leaf.phys, leaf.flags.w(), leaf.flags.x())) {
                Some(found) if found == (phys, page.writes, page.executes) => {}
                found => self.findings.push(format!("{page:x?} of the inner kernel is mapped as {found:x?}")),
            }
            let writes = |leaf: &&Leaf| leaf.flags.w() && phys.wrapping_sub(leaf.phys) < leaf.size;
            if !page.writes && tables.walk.leaves.iter().any(|leaf| writes(&leaf)) {
                self.findings.push(format!("{page:x?} of the inner kernel is writable at another address"));
            }
        }
        let own = |leaf: &&Leaf| leaf.virt.wrapping_sub(self.expected.kernel) < image.size;
        let own: Vec<_> = tables.walk.leaves.iter().filter(own).collect();
        if !matches!(own.as_slice(), [leaf] if leaf.size == PAGE && leaf.flags.x() && !leaf.flags.w()) {
            self.findings.push(format!("the wrapper is mapped as {own:x?}, not by one page"));
        }
        let executable: u64 =
            tables.walk.leaves.iter().filter(|leaf| leaf.flags.x()).map(|leaf| leaf.size).sum();
        let right = pages.iter().filter(|page| page.executes).count() as u64 * PAGE + PAGE;
        if executable != right {
            self.findings.push(format!("{executable:#x} bytes are executable, not {right:#x}"));
        }
        Ok(())
    }
}

fn holds(leaf: &Leaf, virt: u64) -> bool {
    virt.wrapping_sub(leaf.virt) < leaf.size
}

/// Returns the pages of an ELF's segments, in ascending order.
fn pages(elf: &[u8]) -> Result<Vec<Page>, String> {
    let file = as_text(ElfFile64::<LittleEndian>::parse(elf))?;
    let endian = LittleEndian;
    let headers = file.elf_program_headers();
    let of_type = |kind| headers.iter().filter(move |header| header.p_type(endian) == kind);
    let touched = |start: u64, end: u64| (start / PAGE..end.div_ceil(PAGE)).map(|number| number * PAGE);
    // Pages that are read-only after relocation lie in it as a whole, but for the first.
    let relro: BTreeSet<u64> = of_type(PT_GNU_RELRO)
        .flat_map(|header| {
            let (start, size) = (header.p_vaddr(endian), header.p_memsz(endian));
            (start / PAGE..(start + size) / PAGE).map(|number| number * PAGE)
        })
        .collect();
    let mut pages = Vec::<Page>::new();
    for header in of_type(PT_LOAD) {
        let (start, flags) = (header.p_vaddr(endian), header.p_flags(endian));
        for linked in touched(start, start + header.p_memsz(endian)) {
            if pages.last().is_none_or(|last| last.linked < linked) {
                let writes = flags.0 & PF_W.0 != 0 && !relro.contains(&linked);
                pages.push(Page { linked, writes, executes: flags.0 & PF_X.0 != 0 });
            }
        }
    }
    Ok(pages)
}
