//! The system table and its configuration tables (UEFI 2.10, 4.3 and 4.6), after firmware has been
//! left.
//!
//! The other kernel may have called `SetVirtualAddressMap`. The firmware's pointers are virtual
//! then. The memory map has the virtual addresses of its regions: Linux's loader writes them into
//! it. The address of ACPI's root pointer stays physical (UEFI 2.10, 4.6.1).

use landfall_paging::{PhysAddr, PhysRange};

use super::fault::{HandedFault, Item};
use crate::memory::MemoryMap;

/// Bytes of the system table, up to the address of its configuration tables.
const SIZE: u64 = 120;
/// `IBI SYST`.
const SIGNATURE: u64 = 0x5453_5953_2049_4249;
/// The offset of the number of configuration tables.
const COUNT_AT: usize = 104;
/// The offset of their address.
const TABLES_AT: usize = 112;
/// Bytes of an entry: a GUID and an address.
const ENTRY: usize = 24;

/// ACPI 2.0's GUID among configuration tables (UEFI 2.10, 4.6), as it lies in memory.
const ACPI_20_TABLE_GUID: [u8; 16] =
    [0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11, 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81];

/// Findings among the configuration tables.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Configured {
    /// Their number.
    pub(super) tables: usize,
    /// The address of ACPI's root pointer.
    pub(super) acpi_root: Option<PhysAddr>,
}

/// Reads the tables. `memory` returns bytes of firmware's memory alone.
pub(super) fn read<'a>(
    at: PhysAddr,
    map: MemoryMap<'_>,
    memory: &impl Fn(PhysRange) -> Option<&'a [u8]>,
) -> Result<Configured, HandedFault> {
    let range = PhysRange::new(at, SIZE);
    let Some(table) = memory(range) else {
        return Err(HandedFault::Outside { item: Item::SystemTable, range });
    };
    let signature = number(table, 0);
    if signature != SIGNATURE {
        return Err(HandedFault::Signature(signature));
    }
    let (count, at) = (number(table, COUNT_AT), number(table, TABLES_AT));
    if count == 0 {
        return Ok(Configured::default());
    }
    let size = count.saturating_mul(ENTRY as u64);
    // Either may be the right one, and a virtual address may be a physical one by chance. The list
    // is the one that has a root pointer of ACPI's.
    let places = [Some(PhysRange::new(PhysAddr::new(at), size)), map.behind_virtual(at, size)];
    let mut found = None;
    for entries in places.into_iter().flatten().filter_map(memory) {
        let configured = Configured { tables: entries.len() / ENTRY, acpi_root: acpi_root(entries) };
        if configured.acpi_root.is_some() {
            return Ok(configured);
        }
        found = found.or(Some(configured));
    }
    let range = PhysRange::new(PhysAddr::new(at), size);
    found.ok_or(HandedFault::Outside { item: Item::ConfigurationTables, range })
}

/// Returns the address of ACPI's root pointer in a list of configuration tables.
fn acpi_root(entries: &[u8]) -> Option<PhysAddr> {
    let (entries, _) = entries.as_chunks::<ENTRY>();
    let entry = entries.iter().find(|entry| entry.starts_with(&ACPI_20_TABLE_GUID))?;
    Some(number(entry, ACPI_20_TABLE_GUID.len())).filter(|at| *at != 0).map(PhysAddr::new)
}

fn number(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
