//! What a kernel that was booted by EFI finds in its tree.

use landfall_paging::PhysAddr;
use landfall_tree::Tree;

use crate::memory::{MemoryDescriptor, MemoryMap};
use crate::source::Source;

/// EFI firmware that has been left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Efi<'a> {
    /// Where its system table is: in memory of runtime services, which is in no mapping of the landing's.
    pub system_table: PhysAddr,
    /// Where ACPI's root pointer (RSDP) is, if firmware has one. Tables in memory of the type ACPI reclaim are in the linear map; the kernel itself maps those that lie elsewhere, and
    /// it frees none of them.
    pub acpi_root: Option<PhysAddr>,
    /// Its memory map as it was left.
    pub memory_map: MemoryMap<'a>,
}

impl<'a> Efi<'a> {
    /// What `tree` says of it; `None` where the kernel was not booted by EFI.
    #[must_use]
    pub fn of(tree: &'a [u8]) -> Option<Self> {
        let source = Source::of(Tree::new(tree).ok()?);
        let system_table = source.chosen("linux,uefi-system-table")?.try_into().ok()?;
        let descriptor_size = source.chosen("linux,uefi-mmap-desc-size")?.try_into().ok()?;
        let map = source.chosen("landfall,efi-memory-map")?;
        let acpi_root = source.chosen("landfall,acpi-rsdp").and_then(|root| root.try_into().ok());
        Some(Self {
            system_table: PhysAddr::new(u64::from_be_bytes(system_table)),
            acpi_root: acpi_root.map(|root| PhysAddr::new(u64::from_be_bytes(root))),
            memory_map: MemoryMap::new(map, u32::from_be_bytes(descriptor_size) as usize).ok()?,
        })
    }

    /// What a kernel that calls runtime services maps, and tells `SetVirtualAddressMap` of.
    pub fn runtime(self) -> impl Iterator<Item = MemoryDescriptor> + Clone + 'a {
        self.memory_map.iter().filter(MemoryDescriptor::is_runtime)
    }
}
