//! The fence that a change requires.

use crate::range::VirtRange;

/// The fence that every hart that uses the tables must execute before the program relies on a
/// change.
///
/// Harts may keep any translation that was valid since their last fence, and invalid entries too.
/// The privileged specification, section "Supervisor Memory-Management Fence Instruction", gives
/// the operands:
///
/// - "If software modifies a leaf PTE, it should execute SFENCE.VMA with rs1 set to a virtual
///   address within the page. If any PTE along the traversal path had its G bit set, rs2 must be
///   x0": [`Fence::Leaves`]. Leaves of this crate are global.
/// - "If software modifies a non-leaf PTE, it should execute SFENCE.VMA with rs1=x0":
///   [`Fence::All`].
/// - After [`Editor::map`](crate::Editor::map), and after
///   [`Editor::protect`](crate::Editor::protect) that only adds permissions, it "may choose to
///   execute the SFENCE.VMA lazily", when a page fault asks for it.
/// - After a split, "it is unpredictable whether the old non-leaf PTE or the new leaf PTE is used,
///   but the behavior is otherwise well defined". Both translate the same. "A page is upgraded to a
///   superpage without first clearing" does not occur.
///
/// # Other harts
/// `sfence.vma` orders the hart that executes it and no other. The others need an interrupt, or the
/// SBI's remote fence. Before that, the hart that has made the change needs `fence rw, ow`, so that
/// they see its stores. The same section calls it "a local data fence to ensure local writes are
/// visible globally". An `ecall` orders no data.
#[must_use = "until every hart has executed the fence, the old translations may be used"]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fence {
    /// Only leaves have changed, all of them at these addresses: `sfence.vma` with rs1 = an address
    /// in each page of the range and rs2 = x0. Instead, [`Fence::All`] will do.
    ///
    /// The range is that of the operation, or more if a leaf of 64 KiB reached beyond it. Such a
    /// leaf is 16 entries that all change when it is split (Svnapot). A hart that has read one of
    /// them may keep all 64 KiB.
    Leaves(VirtRange),
    /// A pointer to a table has changed too: `sfence.vma` with rs1 = rs2 = x0. Frames that were
    /// given back ([`Frames::give_back`](crate::Frames::give_back)) may be read as tables until
    /// then.
    All,
}

impl Fence {
    /// The fence after a change at `stretch` that made `tables` tables.
    pub(super) const fn after(tables: u64, stretch: VirtRange) -> Self {
        if tables == 0 { Self::Leaves(stretch) } else { Self::All }
    }

    /// Returns one fence that covers both.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Leaves(stretch), Self::Leaves(other)) => Self::Leaves(hull(stretch, other)),
            _ => Self::All,
        }
    }
}

/// Returns the addresses from the first of both ranges to the last of both. `other` may be empty.
pub(super) fn hull(stretch: VirtRange, other: VirtRange) -> VirtRange {
    if other.is_empty() {
        return stretch;
    }
    VirtRange::between(stretch.start().min(other.start()), stretch.end().max(other.end()))
}
