//! The firmware's data for the next kernel, in the form in which Linux hands it on and reads it
//! (Linux, `Documentation/arch/arm/uefi.rst`).
//!
//! `landfall,efi-memory-map` has the memory map in the tree. Linux looks for it in memory.

use core::fmt;

use landfall_paging::PhysRange;
use landfall_tree::Tree;
use landfall_tree::tokens::Tokens;

use crate::chosen::{self, DESCRIPTOR_VERSION};
use crate::efi::Efi;
use crate::memory::{MemoryDescriptor, MemoryMap};

/// The offset of a descriptor's `VirtualStart`.
const VIRTUAL_AT: usize = 16;

/// A memory map that was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextMapError {
    /// The memory is too small for the map.
    TooSmall {
        /// The bytes of the map.
        wanted: usize,
    },
    /// `SetVirtualAddressMap` was called without a region of runtime services, which the next
    /// kernel could not call.
    NotSet(PhysRange),
}

impl fmt::Display for NextMapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooSmall { wanted } => {
                write!(f, "the EFI memory map does not fit; provide {wanted:#x} bytes")
            }
            Self::NotSet(range) => write!(
                f,
                "the map of SetVirtualAddressMap has no region at {}, which runtime services use until {}; pass the map that was passed to the firmware",
                range.start(),
                range.end()
            ),
        }
    }
}

impl core::error::Error for NextMapError {}

/// The value of a property: one cell or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cells {
    /// One cell.
    One(u32),
    /// Two cells.
    Two(u64),
}

impl Efi<'_> {
    /// The names of [`Efi::properties`], each with a final zero.
    pub const PROPERTY_NAMES: &'static [u8] = b"linux,uefi-system-table\0linux,uefi-mmap-start\0linux,uefi-mmap-size\0linux,uefi-mmap-desc-size\0linux,uefi-mmap-desc-ver\0";

    /// Writes the memory map for the next kernel and returns its bytes. Regions of runtime services
    /// have their virtual addresses: those of `set`, the map that this kernel has passed to
    /// `SetVirtualAddressMap`. If it has not called that, they are the physical addresses.
    ///
    /// # Errors
    /// [`NextMapError::TooSmall`]: it does not fit; no memory measures it.
    /// [`NextMapError::NotSet`]: `set` lacks a region.
    pub fn write_next_map(self, set: Option<MemoryMap<'_>>, into: &mut [u8]) -> Result<usize, NextMapError> {
        let (bytes, size) = (self.memory_map.bytes(), self.memory_map.descriptor_size());
        let Some(into) = into.get_mut(..bytes.len()) else {
            return Err(NextMapError::TooSmall { wanted: bytes.len() });
        };
        into.copy_from_slice(bytes);
        for (place, descriptor) in into.chunks_exact_mut(size).zip(self.memory_map.iter()) {
            let virtual_start = virtual_start(descriptor, set)?;
            if let Some(place) = place.get_mut(VIRTUAL_AT..).and_then(<[u8]>::first_chunk_mut) {
                *place = virtual_start.to_le_bytes();
            }
        }
        Ok(bytes.len())
    }

    /// Returns the five properties of `/chosen` by which the next kernel finds the firmware. `map`
    /// is the place of the [map](Self::write_next_map), which that kernel must not use otherwise.
    #[must_use]
    pub fn properties(self, map: PhysRange) -> [(&'static str, Cells); 5] {
        let narrow = |size: u64| u32::try_from(size).unwrap_or(u32::MAX);
        [
            ("linux,uefi-system-table", Cells::Two(self.system_table.get())),
            ("linux,uefi-mmap-start", Cells::Two(map.start().get())),
            ("linux,uefi-mmap-size", Cells::One(narrow(map.size()))),
            ("linux,uefi-mmap-desc-size", Cells::One(narrow(self.memory_map.descriptor_size() as u64))),
            ("linux,uefi-mmap-desc-ver", Cells::One(DESCRIPTOR_VERSION)),
        ]
    }
}

/// Returns the virtual address of a descriptor for the next kernel.
fn virtual_start(descriptor: MemoryDescriptor, set: Option<MemoryMap<'_>>) -> Result<u64, NextMapError> {
    let physical = descriptor.range.start();
    match set {
        Some(set) if descriptor.is_runtime() => {
            let is_it = |other: &MemoryDescriptor| other.range.start() == physical && other.is_runtime();
            let found = set.iter().find(is_it).ok_or(NextMapError::NotSet(descriptor.range))?;
            Ok(found.virtual_start.get())
        }
        _ => Ok(physical.get()),
    }
}

/// Returns true if ACPI alone describes the devices: the tree has ACPI's root pointer, and no node
/// besides harts, memory and the loader's data.
#[must_use]
pub fn is_acpi_alone(tree: Tree<'_>) -> bool {
    let has_root = chosen::property(tree, "landfall,acpi-rsdp").is_some();
    has_root && Tokens::root(tree).children().all(|(name, _)| !is_device(name))
}

/// Returns true if a node of this name below the root may describe a device.
fn is_device(name: &str) -> bool {
    let base = name.split('@').next().unwrap_or_default();
    !matches!(base, "cpus" | "chosen" | "memory" | "reserved-memory" | "aliases")
}

/// Returns true if Linux requires the word `acpi=on` to find the devices. It takes a tree with
/// harts for the description of the machine, and then does not look at ACPI. A command line that
/// has a word `acpi=...` decides itself.
#[must_use]
pub fn needs_acpi_on(tree: Tree<'_>, command_line: &[u8]) -> bool {
    let mut words = command_line.split(u8::is_ascii_whitespace);
    is_acpi_alone(tree) && !words.any(|word| word.starts_with(b"acpi="))
}
