//! What a kernel that was booted by EFI finds in its tree.

use dtoolkit::fdt::Fdt;
use dtoolkit::{Node, Property};
use landfall_paging::PhysAddr;
use landfall_tree::Tree;

use crate::memory::{Descriptor, MemoryMap};

/// EFI firmware that has been left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Efi<'a> {
    /// Where its system table is: in memory of runtime services, which is in no mapping of the landing's.
    pub system_table: PhysAddr,
    /// Its memory map as it was left.
    pub memory_map: MemoryMap<'a>,
}

impl<'a> Efi<'a> {
    /// What `tree` says of it; `None` where the kernel was not booted by EFI.
    #[must_use]
    pub fn of(tree: &'a [u8]) -> Option<Self> {
        let tree = Tree::new(tree).ok()?;
        let chosen =
            Fdt::new_unchecked(tree.bytes()).root().children().find(|node| node.name() == "chosen")?;
        let (mut system_table, mut size, mut map) = (None, None, None);
        for property in chosen.properties() {
            let value = property.value();
            match property.name() {
                "linux,uefi-system-table" => system_table = value.try_into().ok().map(u64::from_be_bytes),
                "linux,uefi-mmap-desc-size" => size = value.try_into().ok().map(u32::from_be_bytes),
                "landfall,efi-memory-map" => {
                    let offset = value.as_ptr().addr().wrapping_sub(tree.bytes().as_ptr().addr());
                    map = tree.bytes().get(offset..).and_then(|rest| rest.get(..value.len()));
                }
                _ => {}
            }
        }
        Some(Self {
            system_table: PhysAddr::new(system_table?),
            memory_map: MemoryMap::new(map?, size? as usize).ok()?,
        })
    }

    /// What a kernel that calls runtime services maps, and tells `SetVirtualAddressMap` of.
    pub fn runtime(self) -> impl Iterator<Item = Descriptor> + Clone + 'a {
        self.memory_map.iter().filter(Descriptor::is_runtime)
    }
}
