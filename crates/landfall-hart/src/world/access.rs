//! The accesses of a hart, by virtual address.
//!
//! These are the only ways in which an instruction reaches memory and devices.

use super::{Order, World};
use crate::hart::Hart;
use crate::hart::trap::Trap;

impl World {
    /// Loads `size` bytes (1, 2, 4 or 8) and returns them zero-extended.
    ///
    /// `view` is the view of the register that holds the address.
    pub(crate) fn load(&mut self, hart: &mut Hart, address: u64, size: u64) -> Result<u64, Trap> {
        todo!()
    }

    /// Stores the low `size` bytes (1, 2, 4 or 8) of `value`.
    pub(crate) fn store(&mut self, hart: &mut Hart, address: u64, size: u64, value: u64) -> Result<(), Trap> {
        todo!()
    }

    /// Loads `size` bytes (4 or 8) and reserves them.
    pub(crate) fn load_reserved(&mut self, hart: &mut Hart, address: u64, size: u64, order: Order) -> Result<u64, Trap> {
        todo!()
    }

    /// Stores `size` bytes (4 or 8) if the reservation holds; returns true if they were stored.
    pub(crate) fn store_conditional(&mut self, hart: &mut Hart, address: u64, size: u64, value: u64, order: Order) -> Result<bool, Trap> {
        todo!()
    }

    /// Replaces `size` bytes (4 or 8) by `modify` of them, atomically; returns the old ones, zero-extended.
    pub(crate) fn atomic(&mut self, hart: &mut Hart, address: u64, size: u64, order: Order, modify: impl FnOnce(u64) -> u64) -> Result<u64, Trap> {
        todo!()
    }

    /// Executes `fence` with its bits 31 to 20: fm, predecessors, successors.
    pub(crate) fn fence(&mut self, hart: &mut Hart, bits: u32) {
        todo!()
    }

    /// Executes `fence.i`.
    pub(crate) fn fence_instructions(&mut self, hart: &mut Hart) {
        todo!()
    }

    /// Executes `sfence.vma`, or `sinval.vma` with its fences; `None` is register x0.
    pub(crate) fn fence_translations(&mut self, hart: &mut Hart, address: Option<u64>, asid: Option<u64>) {
        todo!()
    }

    /// Fills the block of `cbo.zero`, whose size is [`crate::config::BLOCK`], with zeros.
    pub(crate) fn zero_block(&mut self, hart: &mut Hart, address: u64) -> Result<(), Trap> {
        todo!()
    }

    /// Checks the access of `cbo.inval`, `cbo.clean` or `cbo.flush`. Memory is coherent, so nothing else happens.
    pub(crate) fn manage_block(&mut self, hart: &mut Hart, address: u64) -> Result<(), Trap> {
        todo!()
    }

    /// Follows a write of `satp`, whose value was `old`.
    pub(crate) fn translation_root_changed(&mut self, _hart: &mut Hart, _old: u64) {}
}
