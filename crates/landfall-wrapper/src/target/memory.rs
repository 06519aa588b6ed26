//! RAM by its use for the inner kernel.

use landfall::Landing;
use landfall::address::{PhysRange, VirtAddr, virt_to_phys};
use landfall::harts::HartState;
use landfall::memory::RamUse;

use super::tickets;

/// The use of a part of RAM. The numbers are those of `landfall/wrapped.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(super) enum Use {
    /// No owner.
    Usable = 1,
    /// Free as soon as the kernel needs neither boot information, nor the first stacks and tables,
    /// and has started all harts.
    Reclaimable = 2,
    /// The inner kernel.
    Kernel = 3,
    DeviceTree = 4,
    Initrd = 5,
    /// Reserved by the device tree, and mapped.
    Reserved = 6,
    /// The firmware's, not mapped.
    Firmware = 7,
    /// For a crash kernel, not mapped.
    Crash = 8,
    /// Beyond the linear map.
    Unreached = 9,
}

/// A part of RAM.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) range: PhysRange,
    pub(super) usage: Use,
}

/// Returns the memory of bytes, which the wrapper or the linear map holds.
pub(super) fn of(bytes: &[u8]) -> PhysRange {
    let first = virt_to_phys(VirtAddr::new(bytes.as_ptr().addr() as u64));
    PhysRange::new(first, bytes.len() as u64)
}

/// Returns true if a hart that did not land may still run in the memory of the wrapper.
///
/// With HSM, a start that the firmware accepted may still bring a hart there, unless the firmware
/// holds the hart. Without HSM, each such hart waits there.
fn may_run_late(landing: &Landing) -> bool {
    let has_hsm = sbi_rt::probe_extension(sbi_rt::Hsm).is_available();
    landing.harts().any(|hart| match hart.state {
        HartState::Online => false,
        _ if !has_hsm => true,
        HartState::Absent(_) | HartState::Rejected => false,
        _ => !tickets::is_stopped(hart.hart.id),
    })
}

/// Returns all RAM by its use, in ascending order. The parts in `owned` have their own. Neighbors
/// differ in their use.
pub(super) fn parts<'a, const N: usize>(
    landing: &'a Landing,
    owned: &[Part; N],
) -> impl Iterator<Item = Part> + use<'a, N> {
    let owned = *owned;
    let reclaimable = if may_run_late(landing) { Use::Reserved } else { Use::Reclaimable };
    let ram = landing.ram().map(move |part| {
        let usage = match part.usage {
            RamUse::Free => Use::Usable,
            RamUse::Image | RamUse::Tables | RamUse::Stacks => reclaimable,
            RamUse::Tree => Use::DeviceTree,
            RamUse::Initrd => Use::Initrd,
            RamUse::Crash => Use::Crash,
            RamUse::Firmware => Use::Firmware,
            RamUse::Unreached => Use::Unreached,
            _ => Use::Reserved,
        };
        Part { range: part.range, usage }
    });
    merged(ram.flat_map(move |part| cut(part, owned)))
}

/// Cuts a part by those in `owned`, which have their own use.
fn cut<const N: usize>(part: Part, owned: [Part; N]) -> impl Iterator<Item = Part> {
    let mut rest = part.range;
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let start = rest.start();
        let (mut end, mut usage) = (rest.end(), part.usage);
        for own in owned {
            if own.range.contains_address(start) {
                (end, usage) = (end.min(own.range.end()), own.usage);
            } else if own.range.start() > start {
                end = end.min(own.range.start());
            }
        }
        rest = PhysRange::between(end, rest.end());
        Some(Part { range: PhysRange::between(start, end), usage })
    })
}

/// Joins neighbors of one use.
fn merged(parts: impl Iterator<Item = Part>) -> impl Iterator<Item = Part> {
    let mut parts = parts.peekable();
    core::iter::from_fn(move || {
        let mut part = parts.next()?;
        let joins =
            |part: Part, next: &Part| next.usage == part.usage && next.range.start() == part.range.end();
        while let Some(next) = parts.next_if(|next| joins(part, next)) {
            part.range = PhysRange::between(part.range.start(), next.range.end());
        }
        Some(part)
    })
}
