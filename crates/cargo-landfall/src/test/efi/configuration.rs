//! The firmware's configuration tables, read and changed by the debugger.

use super::word;
use crate::test::session::Session;

/// How they are changed before the image runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::test) enum Tables {
    /// Those of ACPI are hidden.
    Hidden,
    /// A byte of ACPI's list of tables is another.
    Damaged,
    /// A table that is none of ACPI's bears its name.
    Added,
}

/// `EFI_ACPI_20_TABLE_GUID`, as it lies in memory (UEFI 2.10, 4.6).
const ACPI_TABLE: [u8; 16] =
    [0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11, 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81];

/// Where ACPI's root pointer says where the list of tables is, and where that names its maker (ACPI 6.6, 5.2.5.3 and 5.2.6).
const XSDT: u64 = 24;
const OEM_ID: u64 = 10;

/// `EFI_DTB_TABLE_GUID`, as it lies in memory (UEFI 2.10, 4.6).
const DTB_TABLE: [u8; 16] =
    [0xd5, 0x21, 0xb6, 0xb1, 0x9c, 0xf1, 0xa5, 0x41, 0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0];

/// Where the system table says how many configuration tables there are, and where (UEFI 2.10, 4.3).
const CONFIGURATION: u64 = 104;

/// The firmware's configuration tables: GUIDs, each with an address (UEFI 2.10, 4.6).
#[derive(Debug)]
pub(in crate::test) struct Configuration {
    at: u64,
    entries: Vec<u8>,
}

impl Configuration {
    /// Bytes of an entry.
    const ENTRY: usize = 24;

    /// Those of the system table at `table`.
    pub(in crate::test) fn read(session: &mut Session, table: u64) -> Result<Self, String> {
        let place = session.read(table + CONFIGURATION, 16)?;
        let (count, at) = (word(&place, 0), word(&place, 8));
        Ok(Self { at, entries: session.read(at, count.min(64) * Self::ENTRY as u64)? })
    }

    fn position(&self, guid: [u8; 16]) -> Option<usize> {
        self.entries.chunks_exact(Self::ENTRY).position(|entry| entry.starts_with(&guid))
    }

    /// Where the table of this GUID is.
    fn find(&self, guid: [u8; 16]) -> Option<u64> {
        Some(word(&self.entries, self.position(guid)? * Self::ENTRY + 16))
    }

    /// Gives the table of this GUID another one.
    fn rename(&self, session: &mut Session, guid: [u8; 16], to: [u8; 16]) -> Result<(), String> {
        let entry = self.position(guid).ok_or("the firmware has no such table")?;
        session.write(self.at + (entry * Self::ENTRY) as u64, &to)
    }

    /// Where the device tree is.
    pub(super) fn tree(&self) -> Option<u64> {
        self.find(DTB_TABLE)
    }

    /// Where ACPI's root pointer is.
    pub(super) fn acpi_root(&self) -> Result<u64, String> {
        self.find(ACPI_TABLE).ok_or_else(|| "the firmware has no tables of ACPI".to_owned())
    }

    /// Changes them, in memory.
    pub(in crate::test) fn change(&self, session: &mut Session, how: Tables) -> Result<(), String> {
        match how {
            Tables::Hidden => self.rename(session, ACPI_TABLE, [0xee; 16]),
            Tables::Added => {
                let is_other = |entry: &&[u8]| !entry.starts_with(&DTB_TABLE);
                let other = self.entries.chunks_exact(Self::ENTRY).find(is_other);
                let guid = other.and_then(<[u8]>::first_chunk).ok_or("the firmware has no other table")?;
                self.rename(session, *guid, ACPI_TABLE)
            }
            Tables::Damaged => {
                let list = word(&session.read(self.acpi_root()? + XSDT, 8)?, 0);
                let byte = session.read(list + OEM_ID, 1)?.first().map_or(0, |byte| !byte);
                session.write(list + OEM_ID, &[byte])
            }
        }
    }
}
