//! The firmware's configuration tables: GUIDs, each with an address (UEFI 2.10, 4.6).

use dtoolkit::model::DeviceTree;

use crate::devicetree;
use crate::session::Session;

/// `EFI_DTB_TABLE_GUID`, as it lies in memory (UEFI 2.10, 4.6).
pub(super) const DTB_TABLE: [u8; 16] =
    [0xd5, 0x21, 0xb6, 0xb1, 0x9c, 0xf1, 0xa5, 0x41, 0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0];

/// `EFI_ACPI_20_TABLE_GUID`, as it lies in memory (UEFI 2.10, 4.6).
const ACPI_TABLE: [u8; 16] =
    [0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11, 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81];

/// The offset of the number and the address of the configuration tables in the system table (UEFI
/// 2.10, 4.3).
const CONFIGURATION: u64 = 104;

/// The tables.
#[derive(Debug)]
pub(crate) struct Configuration {
    at: u64,
    entries: Vec<u8>,
}

impl Configuration {
    /// The size of an entry, in bytes.
    const ENTRY: usize = 24;

    /// Reads the configuration tables of the system table at `table`.
    pub(crate) fn read(session: &mut Session, table: u64) -> Result<Self, String> {
        let place = session.read(table + CONFIGURATION, 16)?;
        let (count, at) = (word(&place, 0), word(&place, 8));
        Ok(Self { at, entries: session.read(at, count.min(64) * Self::ENTRY as u64)? })
    }

    fn position(&self, guid: [u8; 16]) -> Option<usize> {
        self.entries.chunks_exact(Self::ENTRY).position(|entry| entry.starts_with(&guid))
    }

    /// Returns the address of the table with this GUID.
    pub(super) fn find(&self, guid: [u8; 16]) -> Option<u64> {
        Some(word(&self.entries, self.position(guid)? * Self::ENTRY + 16))
    }

    /// Replaces the GUID of a table.
    fn rename(&self, session: &mut Session, guid: [u8; 16], to: [u8; 16]) -> Result<(), String> {
        let entry = self.position(guid).ok_or("the firmware has no such table")?;
        session.write(self.at + (entry * Self::ENTRY) as u64, &to)
    }

    /// Returns the address of ACPI's root pointer.
    pub(crate) fn acpi_root(&self) -> Result<u64, String> {
        self.find(ACPI_TABLE).ok_or_else(|| "the firmware has no tables of ACPI".to_owned())
    }

    /// Hides ACPI's tables.
    pub(crate) fn hide_acpi(&self, session: &mut Session) -> Result<(), String> {
        self.rename(session, ACPI_TABLE, [0xee; 16])
    }

    /// Gives ACPI's GUID to a table of another kind.
    pub(crate) fn add_acpi(&self, session: &mut Session) -> Result<(), String> {
        let is_other = |entry: &&[u8]| !entry.starts_with(&DTB_TABLE);
        let other = self.entries.chunks_exact(Self::ENTRY).find(is_other);
        let guid = other.and_then(<[u8]>::first_chunk).ok_or("the firmware has no other table")?;
        self.rename(session, *guid, ACPI_TABLE)
    }

    /// Changes the firmware's tree.
    pub(crate) fn edit_tree(&self, session: &mut Session, change: fn(&mut DeviceTree)) -> Result<(), String> {
        let at = self.find(DTB_TABLE).ok_or("the firmware has no device tree")?;
        let old = session.tree(at)?;
        let new = devicetree::edit(&old, change)?;
        if new.len() > old.len() {
            return Err(format!("the changed tree takes {} bytes, and there are {}", new.len(), old.len()));
        }
        session.write(at, &new)
    }
}

pub(super) fn word(bytes: &[u8], offset: usize) -> u64 {
    let word = bytes.get(offset..).and_then(<[u8]>::first_chunk);
    word.map_or(0, |word| u64::from_le_bytes(*word))
}
