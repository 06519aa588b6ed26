//! The EFI properties in the tree of a kernel that EFI booted.

use landfall_paging::PhysAddr;
use landfall_tree::Tree;

use crate::chosen;
use crate::memory::{MemoryDescriptor, MemoryMap};

/// EFI firmware that has been left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Efi<'a> {
    /// The physical address of its system table. It lies in memory of runtime services, which the
    /// landing does not map.
    pub system_table: PhysAddr,
    /// The physical address of ACPI's root pointer (RSDP), if firmware has one. The linear map has
    /// tables in memory of the type ACPI reclaim. The kernel itself maps the others, and frees none
    /// of them.
    pub acpi_root: Option<PhysAddr>,
    /// Its memory map as it was left.
    pub memory_map: MemoryMap<'a>,
}

impl<'a> Efi<'a> {
    /// Returns the properties in `tree`; `None` if EFI did not boot the kernel.
    #[must_use]
    pub fn of(tree: &'a [u8]) -> Option<Self> {
        let tree = Tree::new(tree).ok()?;
        let property = |name| chosen::property(tree, name);
        let system_table = property("linux,uefi-system-table")?.try_into().ok()?;
        let descriptor_size = property("linux,uefi-mmap-desc-size")?.try_into().ok()?;
        let map = property("landfall,efi-memory-map")?;
        let acpi_root = property("landfall,acpi-rsdp").and_then(|root| root.try_into().ok());
        Some(Self {
            system_table: PhysAddr::new(u64::from_be_bytes(system_table)),
            acpi_root: acpi_root.map(|root| PhysAddr::new(u64::from_be_bytes(root))),
            memory_map: MemoryMap::new(map, u32::from_be_bytes(descriptor_size) as usize).ok()?,
        })
    }

    /// Returns the memory that a kernel maps for runtime services and passes to
    /// `SetVirtualAddressMap`.
    pub fn runtime(self) -> impl Iterator<Item = MemoryDescriptor> + Clone + 'a {
        self.memory_map.iter().filter(MemoryDescriptor::is_runtime)
    }
}
