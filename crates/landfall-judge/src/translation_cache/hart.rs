//! One hart: its `satp`, the roots that it had, and the entries that it keeps.

use std::collections::BTreeSet;

use super::kept::{Kept, KeptSet};
use super::witness::Holder;
use crate::walk::{NotPaged, Root};

/// The beginning of walks: the root and ASID of a `satp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Start {
    pub(super) levels: u32,
    pub(super) table: u64,
    pub(super) asid: u16,
}

/// The operands of a fence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operands {
    pub(super) virt: Option<u64>,
    pub(super) asid: Option<u16>,
}

/// The time between SFENCE.W.INVAL and SFENCE.INVAL.IR.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    pub(super) invalidations: Vec<Operands>,
    /// Entries that a store replaced within the window, so no invalidation is ordered after it.
    pub(super) replaced: BTreeSet<Kept>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Hart {
    pub(super) satp: u64,
    /// `None` is MODE Bare.
    pub(super) current: Option<Start>,
    /// Starts of an earlier `satp`. "Translations that began while satp was active are not required
    /// to complete or terminate [...], unless an SFENCE.VMA instruction matching the address and
    /// ASID is executed."
    pub(super) former: BTreeSet<Start>,
    pub(super) kept: KeptSet,
    pub(super) window: Option<Window>,
}

impl Hart {
    pub(super) fn starts(&self) -> impl Iterator<Item = Start> {
        let current = self.current.into_iter();
        current.chain(self.former.iter().copied().filter(|&start| Some(start) != self.current))
    }

    pub(super) fn keep(&mut self, kept: Kept, table: Option<u64>) {
        self.kept.insert(kept, table);
        if let Some(window) = &mut self.window {
            window.replaced.insert(kept);
        }
    }

    pub(super) fn write_satp(&mut self, satp: u64, asid_mask: u16) {
        let root = match Root::from_satp(satp) {
            Ok(root) => Some(root),
            Err(NotPaged::Bare) => None,
            // "if satp is written with an unsupported MODE, the entire write has no effect".
            Err(NotPaged::Reserved { .. }) => return,
        };
        let ignored = u64::from(!asid_mask) << 44;
        self.satp = satp & !ignored;
        self.former.extend(self.current);
        self.current = root.map(|Root { levels, table, .. }| {
            let asid = self.satp >> 44 & u64::from(u16::MAX);
            Start { levels, table, asid: u16::try_from(asid).expect("an ASID has 16 bits") }
        });
    }
}

impl Start {
    pub(super) fn holder(self) -> Holder {
        Holder::Asid(self.asid)
    }
}
