//! Fences: of memory, of instructions, of translations.

use super::World;
use crate::hart::Hart;
use crate::hart::implementation::Part;
use crate::liberty::Liberty;
use crate::memory::Known;
use crate::translation::{Cover, Ordered, Translations};

/// Device output, in the sets of a `fence`.
const O: u32 = 4;
/// Reads of memory.
const R: u32 = 2;
/// Writes of memory.
const W: u32 = 1;
/// The mode of `fence.tso`.
const TSO: u32 = 8;

impl World {
    /// Executes `fence` with its bits 31 to 20: fm, predecessors, successors.
    pub(crate) fn fence(&mut self, hart: &mut Hart, bits: u32) {
        if !self.ordered {
            return;
        }
        let (before, after) = (bits >> 4 & 0xf, bits & 0xf);
        // A `fence.tso` is `fence rw, rw` without the order of writes before reads.
        let tso = bits >> 8 & 0xf == TSO;
        let writes_before_reads = before & W != 0 && after & R != 0 && !tso;
        if writes_before_reads || before & W != 0 && after & O != 0 {
            self.drain(hart);
        }
        let view = &mut hart.view;
        if before & W != 0 && after & W != 0 {
            view.buffer.barrier();
        }
        if before & R != 0 && after & O != 0 {
            view.output = view.output.max(view.read);
        }
        if before & W != 0 && after & O != 0 {
            view.output = view.output.max(view.wrote);
        }
        if before & R != 0 && after & R != 0 {
            view.bound = view.bound.max(view.read);
        }
        if writes_before_reads {
            view.bound = view.bound.max(view.wrote);
        }
    }

    /// Executes `fence.i`: fetches see each store that the hart knows of.
    pub(crate) fn fence_instructions(&mut self, hart: &mut Hart) {
        if self.ordered {
            self.drain(hart);
        }
        hart.view.fetch = self.known(hart);
    }

    /// Executes `sfence.vma`; `None` is register x0.
    ///
    /// It orders invalidations too, as `sfence.w.inval` and `sfence.inval.ir` do.
    pub(crate) fn fence_translations(&mut self, hart: &mut Hart, address: Option<u64>, asid: Option<u64>) {
        self.observe_fence(hart, address, asid);
        hart.translations.forget_quick();
        if !self.memory.keeps_tables() {
            return;
        }
        let ordered = self.ordered_stores(hart);
        hart.translations.order_stores(ordered);
        hart.translations.order_invalidations();
        if let Some(cover) = self.cover(hart, address, asid, ordered) {
            hart.translations.fence(cover);
        }
    }

    /// Executes `sinval.vma`; `None` is register x0.
    pub(crate) fn invalidate_translations(
        &mut self,
        hart: &mut Hart,
        address: Option<u64>,
        asid: Option<u64>,
    ) {
        if !self.memory.keeps_tables() || !self.choices.each_time(Liberty::UnorderedSinval) {
            self.fence_translations(hart, address, asid);
            return;
        }
        self.observe_fence(hart, address, asid);
        let ordered = hart.translations.ordered_stores();
        if let Some(cover) = self.cover(hart, address, asid, ordered) {
            hart.translations.invalidate(cover);
        }
    }

    /// Executes `sfence.w.inval`: invalidations behind it come after the stores before it.
    pub(crate) fn fence_stores_before_invalidations(&self, hart: &mut Hart) {
        let ordered = self.ordered_stores(hart);
        hart.translations.order_stores(ordered);
    }

    /// Returns what a fence of translations covers; `None` if it covers nothing.
    fn cover(
        &mut self,
        hart: &Hart,
        address: Option<u64>,
        asid: Option<u64>,
        ordered: Ordered,
    ) -> Option<Cover> {
        if address.is_some()
            && hart.implementation.part == Part::Cip1200
            && self.choices.each_time(Liberty::Cip1200)
        {
            return None;
        }
        let mask = (1 << self.config.asid_bits) - 1;
        let mut cover = Cover { address, asid: asid.map(|asid| asid & mask), ordered };
        if address.is_some() && !self.choices.each_time(Liberty::LeafFence) {
            cover.address = None;
        }
        if asid.is_some() && !self.choices.each_time(Liberty::AsidFence) {
            cover.asid = None;
        }
        let is_valid = address.is_none_or(|address| Translations::is_valid(hart.csrs.satp, address));
        is_valid.then_some(cover)
    }

    /// Returns the stores that a hart's fence of translations puts before later walks.
    fn ordered_stores(&self, hart: &Hart) -> Ordered {
        let others = if self.ordered { hart.view.bound } else { self.memory.time() };
        Ordered { own: hart.retired, others }
    }

    /// Returns what the hart knows of stores: its own, and those of others up to its bound.
    fn known(&self, hart: &Hart) -> Known {
        let own = self.memory.time();
        Known { own, others: if self.ordered { hart.view.bound } else { own } }
    }

    /// Follows a write of `satp`.
    pub(crate) fn translation_root_changed(&mut self, hart: &mut Hart, _old: u64) {
        hart.translations.change_root(hart.csrs.satp, self.memory.time());
        if self.memory.keeps_tables() && hart.csrs.satp >> 60 != 0 {
            self.memory.mark_tables((hart.csrs.satp & ((1 << 44) - 1)) << 12);
        }
    }
}
