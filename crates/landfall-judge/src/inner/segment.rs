//! The rules of each segment of an inner kernel.

use super::{PAGE, mapped};
use crate::entry::{Leaf, Permission};
use crate::image::at;
use crate::intervals::Interval;
use crate::unreadable::Unreadable;

/// A segment of the inner kernel, at its place.
pub(super) struct Segment<'a> {
    pub(super) pages: Interval,
    pub(super) start: u64,
    pub(super) contents: &'a [u8],
    pub(super) permission: Permission,
    /// Pages of it that become read-only.
    pub(super) relro: Interval,
}

impl Segment<'_> {
    fn pages(&self) -> impl Iterator<Item = u64> {
        (self.pages.start..self.pages.end).step_by(4096)
    }

    fn permission_of(&self, page: u64) -> Permission {
        let is_relro = self.relro.start <= page && page < self.relro.end;
        let becomes_constant = is_relro && self.permission == Permission::READ_WRITE;
        if becomes_constant { Permission::READ } else { self.permission }
    }

    /// Each page has the permission that the file states.
    pub(super) fn check_pages(&self, leaves: &[Leaf]) -> Vec<String> {
        let mut findings = Vec::new();
        for page in self.pages() {
            let wanted = self.permission_of(page);
            let found = mapped(leaves, page).map(|leaf| leaf.flags.permission());
            if found != Some(wanted) {
                findings.push(format!("the inner kernel's page {page:#x} is {found:?}, and not {wanted:?}"));
            }
        }
        findings
    }

    /// A page that is not writable is not writable at another address either.
    pub(super) fn check_aliases(&self, leaves: &[Leaf]) -> Option<String> {
        let writable: Vec<_> = leaves.iter().filter(|leaf| leaf.flags.w()).collect();
        let protected = self.pages().filter(|page| self.permission_of(*page) != Permission::READ_WRITE);
        protected.into_iter().find_map(|page| {
            let own = mapped(leaves, page)?;
            let phys = page - own.virt + own.phys;
            let alias = writable
                .iter()
                .find(|leaf| leaf.virt != own.virt && phys.wrapping_sub(leaf.phys) < leaf.size)?;
            Some(format!("the inner kernel's page {page:#x} is writable at another address: {alias}"))
        })
    }

    /// The text in memory is the file's: no relocation touches it.
    pub(super) fn check_text(
        &self,
        leaves: &[Leaf],
        read: &mut impl FnMut(u64, u64) -> Result<Vec<u8>, Unreadable>,
    ) -> Result<Option<String>, Unreadable> {
        for (index, contents) in (0..).zip(self.contents.chunks(at(PAGE))) {
            let virt = self.start + index * PAGE;
            // A piece lies in two pages. They follow each other: that is checked elsewhere.
            let Some(leaf) = mapped(leaves, virt) else { return Ok(None) };
            let phys = leaf.phys + (virt - leaf.virt);
            if read(phys, contents.len() as u64)? != contents {
                return Ok(Some(format!("the inner kernel's text at {virt:#x} is not that of its file")));
            }
        }
        Ok(None)
    }
}

/// All pages of the kernel lie in one piece of memory.
pub(super) fn contiguous(segments: &[Segment<'_>], leaves: &[Leaf]) -> Option<String> {
    let pages = segments.iter().flat_map(Segment::pages);
    let distances = pages.filter_map(|page| {
        let leaf = mapped(leaves, page)?;
        Some((page, leaf.phys.wrapping_sub(leaf.virt)))
    });
    let mut distances = distances.peekable();
    let (_, first) = *distances.peek()?;
    let (page, _) = distances.find(|(_, distance)| *distance != first)?;
    Some(format!("the inner kernel's page {page:#x} is not in one piece of memory with the first"))
}
