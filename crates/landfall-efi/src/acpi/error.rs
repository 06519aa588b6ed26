//! Faults of ACPI's tables.

use core::fmt;

use landfall_paging::PhysAddr;

/// A table that is not as ACPI has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcpiError {
    /// The table: its signature, or "RSDP" for the root pointer.
    pub table: [u8; 4],
    /// Its address; for a missing table, the address of the list of tables.
    pub at: PhysAddr,
    /// The fault.
    pub fault: AcpiFault,
}

/// A fault of a table. It has few kinds and words instead of more. A choice of many would be a
/// table of code addresses, which every landing would have to relocate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcpiFault {
    /// A number is not what it must be.
    Number {
        /// Which.
        what: &'static str,
        /// The value found.
        found: u64,
        /// The right value.
        right: &'static str,
    },
    /// An entry is cut off, or shorter than what it has to say.
    Entry {
        /// The offset in the table.
        offset: usize,
        /// Bytes that the entry says it has.
        length: usize,
    },
    /// The list of tables does not have it.
    Missing {
        /// The number of tables.
        tables: usize,
        /// The number of those at impossible addresses.
        outside: usize,
    },
}

impl fmt::Display for AcpiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = core::str::from_utf8(&self.table).unwrap_or_default();
        let at = self.at;
        match self.fault {
            AcpiFault::Number { what, found, right } => {
                write!(f, "ACPI's {table} at {at}: {what} is {found:#x}; {right}")
            }
            AcpiFault::Entry { offset, length } => write!(
                f,
                "ACPI's {table} at {at}: the entry at offset {offset:#x} has {length:#x} bytes; it must hold its own fields, and end within the table"
            ),
            AcpiFault::Missing { tables, outside } => write!(
                f,
                "ACPI's list of tables at {at}: none of its {tables} is {table}, and {outside} lie where no table can; without a device tree it must be there"
            ),
        }
    }
}

impl core::error::Error for AcpiError {}
