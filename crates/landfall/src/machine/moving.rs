//! Moving the image to the place that the plan gives it in physical memory.
//!
//! Only numbers go along: what was found and decided lies in the image itself, as the one
//! [`Landing`], and is copied with it.

use core::mem::offset_of;

use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::plan::Movement;

use super::early::PhysicalMemory;
use super::landing::{Landing, LandingCell};
use super::symbols::address_of;

/// The copier's arguments; move.s knows the offsets.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Handover {
    from: PhysAddr,
    to: PhysAddr,
    bytes: u64,
    copier: PhysAddr,
    secrets: Secrets,
}

/// The secret that must not be left behind: the kernel's entropy.
#[repr(C)]
pub(super) struct Secrets {
    words: [u64; 4],
    count: u64,
}

impl core::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Secrets { .. }")
    }
}

impl Secrets {
    /// The kernel's entropy, if there is any.
    pub(super) fn into_entropy(self) -> Option<[u64; 4]> {
        (self.count != 0).then_some(self.words)
    }
}

// The offsets that move.s uses.
const _: () = {
    assert!(offset_of!(Handover, from) == 0);
    assert!(offset_of!(Handover, to) == 8);
    assert!(offset_of!(Handover, bytes) == 16);
    assert!(offset_of!(Handover, copier) == 24);
    assert!(offset_of!(Handover, secrets) == 32);
    assert!(offset_of!(Secrets, count) == 32);
};

unsafe extern "C" {
    /// Copies the image and goes on in the copy, at `landfall_land_moved`: see move.s.
    ///
    /// # Safety
    /// satp is 0, and the target and the copier's page are RAM that nothing else uses.
    fn landfall_move(handover: *const Handover) -> !;
}

/// Moves the image where the plan wants it; returns where it stays.
pub(super) fn move_image(landing: &Landing, entropy: Option<[u64; 4]>) -> Option<[u64; 4]> {
    let Movement::Moves { to, copier } = landing.plan().physical.movement else { return entropy };
    let from = landing.facts.loaded;
    let bytes = address_of!("__landfall_file_end") - from.get();
    let secrets = Secrets { words: entropy.unwrap_or_default(), count: u64::from(entropy.is_some()) * 4 };
    let handover = Handover { from, to, bytes, copier, secrets };
    // SAFETY: the plan took the target, and the copier's page, from memory without another owner.
    unsafe { landfall_move(&raw const handover) }
}

/// Overwrites secrets in the old place. Its copy of the plan lies in memory that is free now, and
/// reveals the kernel's address. Behind `.bss`, which is not written, the new place may lie over
/// slots of the old one, which hold physical addresses.
pub(super) fn wipe_old_place(memory: &PhysicalMemory, landing: &Landing) {
    let moved = landing.plan().image.phys.base.get().wrapping_sub(landing.facts.loaded.get());
    let old = LandingCell::range();
    let old = PhysRange::new(PhysAddr::new(old.start().get().wrapping_sub(moved)), old.size());
    let image = landing.plan().image.phys.all();
    let below = PhysRange::between(old.start(), old.end().min(image.start()));
    let above = PhysRange::between(old.start().max(image.end()), old.end());
    let behind_bss = PhysRange::between(PhysAddr::new(address_of!("__landfall_bss_end")), image.end());
    let left_behind = behind_bss.intersection(landing.facts.loaded_image().all());
    for range in [below, above, left_behind] {
        // SAFETY: it is part of the image's old place. It is outside the new one, or in a part
        // that is unused yet.
        unsafe { memory.zero(range) };
    }
}
