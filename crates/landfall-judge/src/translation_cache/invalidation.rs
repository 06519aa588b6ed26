//! The entries that a fence drops.

use super::Harts;
use super::format::{is_leaf, size_of};
use super::hart::{Operands, Start};
use super::kept::Kept;
use super::witness::Holder;

impl Harts {
    pub(super) fn invalidate(&mut self, hart: usize, operands: Operands) {
        match operands {
            Operands { virt: None, asid: None } => {
                self.states[hart].former.clear();
                self.states[hart].kept.clear();
            }
            Operands { virt: None, asid: Some(asid) } => self.invalidate_asid(hart, asid),
            Operands { virt: Some(virt), asid } => self.invalidate_leaves(hart, virt, asid),
        }
    }

    /// rs1=x0, rs2≠x0: "The fence also invalidates all address-translation cache entries matching
    /// the address space identified by integer register rs2, except for entries containing global
    /// mappings."
    fn invalidate_asid(&mut self, hart: usize, asid: u16) {
        for kept in self.orphans(hart, asid) {
            let table = self.format.pointer(kept.word, kept.level);
            self.states[hart].kept.insert(kept, table);
        }
        self.states[hart].former.retain(|start| start.asid != asid);
        self.drop_kept(hart, |kept| kept.holder == Holder::Asid(asid));
    }

    /// rs1≠x0: entries "that contain leaf page table entries corresponding to the virtual address
    /// in rs1", with rs2 "except for entries containing global mappings". "If the value held in rs1
    /// is not a valid virtual address, then the SFENCE.VMA instruction has no effect."
    fn invalidate_leaves(&mut self, hart: usize, virt: u64, asid: Option<u16>) {
        if self.states[hart].current.is_some_and(|start| !start.is_canonical(virt)) {
            return;
        }
        let matches = |kept: &Kept| asid.is_none_or(|asid| kept.holder == Holder::Asid(asid));
        let serving = self.states[hart].kept.serving(virt).filter(matches);
        let dropped: Vec<_> = serving.filter(|kept| self.counts_as_leaf(kept)).collect();
        for kept in dropped {
            let table = self.format.pointer(kept.word, kept.level);
            self.states[hart].kept.remove(kept, table);
        }
    }

    /// See [`Harts::sfence_vma`] for the decision on invalid entries.
    fn counts_as_leaf(&self, kept: &Kept) -> bool {
        let is_pointer = self.format.pointer(kept.word, kept.level).is_some();
        is_leaf(kept.word) || !is_pointer && (kept.level == 0 || is_leaf(self.load(kept.entry)))
    }

    fn drop_kept(&mut self, hart: usize, is_dropped: impl Fn(&Kept) -> bool) {
        let dropped: Vec<_> = self.states[hart].kept.iter().filter(is_dropped).collect();
        for kept in dropped {
            let table = self.format.pointer(kept.word, kept.level);
            self.states[hart].kept.remove(kept, table);
        }
    }
}

impl Start {
    /// Returns true if bits 63 and down to the highest translated one are all equal.
    pub(super) fn is_canonical(self, virt: u64) -> bool {
        let half = size_of(self.levels) >> 1;
        virt.wrapping_add(half) < size_of(self.levels)
    }
}
