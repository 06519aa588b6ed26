//! Physical addresses that a caller gives to the firmware.

use crate::config::{Config, RegionKind};
use crate::machine::Machine;

/// The firmware's use of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It reads.
    Read,
    /// It writes.
    Write,
}

/// Returns true if a hart can start at the address.
pub(super) fn is_executable(config: &Config, address: u64) -> bool {
    address & 1 == 0 && is_accessible(config, address, 2, Use::Read)
}

/// Returns true if supervisor mode may access all bytes of a range of memory.
pub(super) fn is_accessible(config: &Config, address: u64, len: u64, purpose: Use) -> bool {
    let Some(end) = address.checked_add(len) else { return false };
    let mut at = address;
    // The regions ascend, and adjoining ones may differ in their kind alone.
    for region in &config.regions {
        let permitted = match region.kind {
            RegionKind::Ram | RegionKind::Lossy => true,
            RegionKind::Rom => purpose == Use::Read,
            RegionKind::Firmware => false,
        };
        let region_end = region.start + region.len;
        if permitted && (region.start..region_end).contains(&at) {
            at = region_end;
        }
        if at >= end {
            return true;
        }
    }
    len == 0
}

/// Reads the caller's memory. It has checked that [`is_accessible`].
pub(super) fn read(machine: &mut Machine, caller: usize, address: u64, bytes: &mut [u8]) -> Option<()> {
    let Machine { harts, world, .. } = machine;
    world.firmware_read(&harts[caller], address, bytes)
}

/// Writes the caller's memory. It has checked that [`is_accessible`].
pub(super) fn write(machine: &mut Machine, caller: usize, address: u64, bytes: &[u8]) -> Option<()> {
    let Machine { harts, world, .. } = machine;
    world.firmware_write(&mut harts[caller], address, bytes)
}
