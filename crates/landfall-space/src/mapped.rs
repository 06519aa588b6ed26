//! The mappings of the kernel's half, as the tables hold them.

use landfall_paging::{Access, LeafSize, PAGE_SIZE, PhysAddr, VirtAddr, VirtRange};

use crate::kernel::KernelSpace;
use crate::kind::Kind;
use crate::machine::Machine;

/// Addresses that follow each other and map memory that follows each other, with one permission and
/// one use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mapped {
    /// The addresses.
    pub range: VirtRange,
    /// The physical address of the first byte.
    pub phys: PhysAddr,
    /// The permission.
    pub access: Access,
    /// The use. Mappings of the landing count as memory.
    pub kind: Kind,
}

impl Mapped {
    /// Returns true if `next` continues it.
    fn is_continued_by(&self, next: &Self) -> bool {
        next.phys == self.phys.wrapping_add(self.range.size())
            && (next.access, next.kind) == (self.access, self.kind)
    }
}

impl<M: Machine> KernelSpace<M> {
    /// Returns the first mapping of the kernel's half at `from` or above it. It begins at `from` if
    /// that lies within a mapping. To list all, call it again with the end of the last answer:
    ///
    /// ```text
    /// let mut from = VirtAddr::new(0);
    /// while let Some(mapped) = space.next_mapped(from) {
    ///     landfall::println!("{} {} {}", mapped.range, mapped.access.name(), mapped.kind);
    ///     from = mapped.range.end();
    /// }
    /// ```
    ///
    /// It takes no lock and changes nothing. While another hart changes the tables around an
    /// address, the answer may be that of before or after.
    #[must_use]
    pub fn next_mapped(&self, from: VirtAddr) -> Option<Mapped> {
        // The last page of the address space is never mapped: its end would be address 0.
        let last = VirtAddr::new(PAGE_SIZE.wrapping_neg());
        let mut at = from.max(VirtAddr::new(self.mode().half_size().wrapping_neg()));
        let mut found: Option<Mapped> = None;
        while at < last {
            let (piece, end) = self.piece(at);
            match (&mut found, piece) {
                (None, piece) => found = piece,
                (Some(found), Some(piece)) if found.is_continued_by(&piece) => {
                    found.range = VirtRange::between(found.range.start(), end);
                }
                (Some(_), _) => return found,
            }
            at = end;
            if at.get() == 0 {
                break;
            }
        }
        found
    }

    /// Returns the mapping of `at` as far as one leaf makes it, and the end of what the deciding
    /// entry serves.
    fn piece(&self, at: VirtAddr) -> (Option<Mapped>, VirtAddr) {
        let (entry, by_level) = self.entry(at);
        let is_napot = entry.is_valid() && by_level == LeafSize::K4 && entry.is_napot();
        let bytes = if is_napot { LeafSize::K64 } else { by_level }.bytes();
        let end = at.align_down(bytes).wrapping_add(bytes);
        let mapped = entry.is_valid().then(|| entry.access()).flatten().map(|access| Mapped {
            range: VirtRange::between(at, end),
            phys: entry.target().align_down(bytes).wrapping_add(at.get() % bytes),
            access,
            kind: Kind::of(entry.label()),
        });
        (mapped, end)
    }
}
