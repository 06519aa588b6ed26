//! `satp`, SFENCE.VMA, Svinval and Svvptc.

use super::Harts;
use super::hart::{Operands, Window};
use crate::entry::Flags;

impl Harts {
    /// Writes `satp`. Nothing is invalidated, and walks that began at the old root go on. A write
    /// with a reserved MODE has no effect.
    pub fn write_satp(&mut self, hart: usize, satp: u64) {
        self.states[hart].write_satp(satp, self.asid_mask);
    }

    /// Returns `satp`, without the bits of the ASID that the hart does not have.
    #[must_use]
    pub fn satp(&self, hart: usize) -> u64 {
        self.states[hart].satp
    }

    /// Executes SFENCE.VMA, with `None` for x0. The hart drops the entries that the specification
    /// names, and no others:
    ///
    /// - rs1=x0, rs2=x0: all entries.
    /// - rs1=x0: all "matching the address space identified by integer register rs2, except for
    ///   entries containing global mappings".
    /// - rs1: entries "that contain leaf page table entries corresponding to the virtual address in
    ///   rs1", so pointers stay.
    ///
    /// An invalid entry is neither a leaf nor a pointer. After "changing an invalid PTE to a valid
    /// leaf", the specification asks for a fence with rs1. "If software modifies a non-leaf PTE",
    /// it asks for one without. So rs1 drops an invalid entry of level 0, or one in whose place
    /// memory now holds a leaf. In place of a new pointer, the invalid entry stays.
    pub fn sfence_vma(&mut self, hart: usize, rs1: Option<u64>, rs2: Option<u16>) {
        let asid = rs2.map(|asid| asid & self.asid_mask);
        self.invalidate(hart, Operands { virt: rs1, asid });
    }

    /// Executes SFENCE.W.INVAL: "any previous stores already visible to the current RISC-V hart are
    /// ordered before subsequent SINVAL.VMA instructions executed by the same hart".
    pub fn sfence_w_inval(&mut self, hart: usize) {
        self.states[hart].window = Some(Window::default());
    }

    /// Executes SINVAL.VMA. It has no effect before SFENCE.INVAL.IR, and none at all without
    /// SFENCE.W.INVAL before it.
    pub fn sinval_vma(&mut self, hart: usize, rs1: Option<u64>, rs2: Option<u16>) {
        let asid = rs2.map(|asid| asid & self.asid_mask);
        if let Some(window) = &mut self.states[hart].window {
            window.invalidations.push(Operands { virt: rs1, asid });
        }
    }

    /// Executes SFENCE.INVAL.IR: "any previous SINVAL.VMA instructions executed by the current hart
    /// are ordered before subsequent implicit references by that hart". Entries that were replaced
    /// after SFENCE.W.INVAL stay.
    pub fn sfence_inval_ir(&mut self, hart: usize) {
        let Some(window) = self.states[hart].window.take() else { return };
        for operands in window.invalidations {
            self.invalidate(hart, operands);
        }
        for kept in window.replaced {
            let table = self.format.pointer(kept.word, kept.level);
            self.states[hart].kept.insert(kept, table);
        }
    }

    /// Lets the bounded time of Svvptc pass, after which no hart keeps an invalid entry that memory
    /// holds as valid. On harts without Svvptc nothing changes.
    ///
    /// Svvptc: stores "that update the Valid bit of leaf and/or non-leaf PTEs from 0 to 1 [...]
    /// will eventually become visible within a bounded timeframe".
    pub fn bounded_time(&mut self) {
        if !self.svvptc {
            return;
        }
        for state in &mut self.states {
            // An entry that memory still holds as invalid needs no copy.
            let invalid = state.kept.iter().filter(|kept| kept.word.is_some_and(|bits| !Flags::of(bits).v()));
            for kept in invalid.collect::<Vec<_>>() {
                state.kept.remove(kept, None);
            }
        }
    }
}
