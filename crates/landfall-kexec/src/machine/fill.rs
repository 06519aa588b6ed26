//! The parts of a block that every jump needs.

use landfall::{HartIndex, Landing};
use landfall_paging::{Satp, VirtAddr};

use super::asm::{COPIER, landfall_kexec_leave};
use crate::tables::{self, LeavePage};
use crate::{Block, KexecError, Parts, Running};

/// Returns the running kernel, whose hart `hart` boots the next one.
pub(super) fn running(landing: &'static Landing, hart: HartIndex) -> Running<'static> {
    let id = landing.hart(hart).map_or(landing.facts().boot_hart, |known| known.hart.id);
    Running { facts: landing.facts(), plan: landing.plan(), tree: landing.tree(), hart: id }
}

/// Writes the copier and the tables, and returns the value of `satp` for them.
pub(super) fn fill(landing: &Landing, block: &mut Block<'_>, parts: Parts) -> Result<Satp, KexecError> {
    block.write_copier(parts, &COPIER);
    let leave = VirtAddr::new((landfall_kexec_leave as *const ()).addr() as u64);
    let leave = LeavePage { virt: leave, phys: landfall::address::virt_to_phys(leave) };
    let satp = tables::build(block, parts, landing.mode(), landing.plan().format, leave);
    satp.map_err(|_| KexecError::BlockNotUsable(block.range()))
}
