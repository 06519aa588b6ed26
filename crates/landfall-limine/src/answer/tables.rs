//! The tables of firmware. The base revision decides whether an address is physical. A virtual one
//! is given only if the linear map holds the table.

use landfall_paging::{PhysRange, VirtAddr};

use crate::facts::Facts;
use crate::memory;
use crate::requests::Requests;
use crate::revision::BaseRevision;
use crate::room::Room;

/// Returns the address of a table for the kernel: virtual from revision `mapped` on.
fn address(requests: &Requests, facts: &Facts<'_>, table: PhysRange, mapped: BaseRevision) -> Option<u64> {
    let revision = requests.base_revision();
    if revision < mapped {
        return Some(table.start().get());
    }
    memory::holds(facts.memory, table, revision).then(|| facts.hhdm(table.start()).get())
}

/// Writes the response with ACPI's root pointer.
pub(super) fn rsdp(requests: &Requests, facts: &Facts<'_>, room: &mut Room<'_>) -> Option<VirtAddr> {
    let address = address(requests, facts, facts.rsdp?, BaseRevision::R4)?;
    Some(room.words([0, address]))
}

/// Writes the response with the entry points of SMBIOS.
pub(super) fn smbios(requests: &Requests, facts: &Facts<'_>, room: &mut Room<'_>) -> Option<VirtAddr> {
    let entries = [facts.smbios.entry_32, facts.smbios.entry_64];
    let [old, new] = entries.map(|entry| address(requests, facts, entry?, BaseRevision::R5));
    old.or(new)?;
    Some(room.words([0, old.unwrap_or(0), new.unwrap_or(0)]))
}

/// Writes the response with EFI's system table.
pub(super) fn system_table(requests: &Requests, facts: &Facts<'_>, room: &mut Room<'_>) -> Option<VirtAddr> {
    let address = address(requests, facts, facts.efi_system_table?, BaseRevision::R5)?;
    Some(room.words([0, address]))
}

/// Writes EFI's memory map and the response.
pub(super) fn memory_map(facts: &Facts<'_>, room: &mut Room<'_>) -> Option<VirtAddr> {
    let map = facts.efi_memory_map?;
    let copy = room.structure(map.bytes);
    let size = map.bytes.len() as u64;
    Some(room.words([0, copy.get(), size, map.descriptor_size, map.descriptor_version]))
}
