//! Faults of ACPI's tables.

use core::fmt;

use landfall_paging::PhysAddr;

/// A table that does not follow ACPI.
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
    /// A number is invalid.
    Number {
        /// The name of the number.
        what: &'static str,
        /// The value found.
        found: u64,
        /// The right value.
        right: &'static str,
    },
    /// An entry is truncated, or shorter than its fields.
    Entry {
        /// The offset in the table.
        offset: usize,
        /// The size that the entry states, in bytes.
        length: usize,
    },
    /// The list of tables does not contain it.
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
                "ACPI's {table} at {at} has an entry of {length:#x} bytes at offset {offset:#x}, which is shorter than its fields or exceeds the table; update the firmware"
            ),
            AcpiFault::Missing { tables, outside } => write!(
                f,
                "ACPI's list of tables at {at} has {tables} tables, {outside} of them outside the memory for tables, but no {table}; update the firmware"
            ),
        }
    }
}

impl core::error::Error for AcpiError {}
