//! Faults of what another kernel hands on.

use core::fmt;

use landfall_paging::PhysRange;

/// An item in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// The memory map.
    Map,
    /// The device tree.
    Tree,
    /// The system table.
    SystemTable,
    /// The list of configuration tables.
    ConfigurationTables,
}

impl Item {
    const fn name(self) -> &'static str {
        match self {
            Self::Map => "the memory map",
            Self::Tree => "the device tree",
            Self::SystemTable => "the system table",
            Self::ConfigurationTables => "the list of configuration tables",
        }
    }

    /// The memory in which it must lie.
    const fn memory(self) -> &'static str {
        match self {
            Self::Map | Self::Tree => "RAM",
            Self::SystemTable | Self::ConfigurationTables => "memory of the firmware",
        }
    }
}

/// A fault of the firmware's data that another kernel hands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandedFault {
    /// A property of `/chosen` is missing or invalid.
    Property {
        /// The name of the property.
        name: &'static str,
        /// The value; `None` if it is missing, or has another size.
        found: Option<u64>,
        /// The right value.
        right: &'static str,
    },
    /// An item is not in the memory where it must be, by the memory map.
    Outside {
        /// The item.
        item: Item,
        /// Its place.
        range: PhysRange,
    },
    /// The memory map overlaps the image, or the tree.
    MapOver {
        /// The place of the map.
        map: PhysRange,
        /// The other range.
        other: PhysRange,
    },
    /// The system table does not begin with its signature.
    Signature(u64),
    /// No free memory holds the new tree.
    NoRoom {
        /// The bytes of the tree.
        wanted: usize,
    },
}

impl fmt::Display for HandedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another kernel handed on EFI firmware, but ")?;
        match *self {
            Self::Property { name, found: None, right } => {
                write!(f, "/chosen/{name} is missing or has another size; it must be {right}")?;
            }
            Self::Property { name, found: Some(found), right } => {
                write!(f, "/chosen/{name} is {found:#x}; it must be {right}")?;
            }
            Self::Outside { item, range } => {
                write!(f, "{} at {range} is outside the {} of the memory map", item.name(), item.memory())?;
            }
            Self::MapOver { map, other } => {
                write!(f, "the memory map at {map} overlaps the image or the device tree at {other}")?;
            }
            Self::Signature(found) => {
                write!(f, "the system table begins with {found:#x} in place of its signature")?;
            }
            Self::NoRoom { wanted } => {
                return write!(
                    f,
                    "no free memory holds the new device tree of {wanted:#x} bytes; use a smaller initrd, or add memory"
                );
            }
        }
        f.write_str("; load the kernel again, with the device tree of the running kernel")
    }
}

impl core::error::Error for HandedFault {}
