//! The properties of `/chosen`.

use landfall_paging::{PhysAddr, PhysRange};
use landfall_tree::Tree;

use super::fault::HandedFault;
use crate::chosen::{self, DESCRIPTOR_VERSION};

/// The addresses that another kernel hands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handed {
    /// The system table.
    pub system_table: PhysAddr,
    /// The memory map.
    pub map: PhysRange,
    /// Bytes of a descriptor.
    pub(super) descriptor_size: usize,
}

impl Handed {
    /// The most bytes of a memory map that is read: more than 5000 descriptors. The end of a
    /// hostile one comes soon.
    pub const MAX_MAP: u32 = 256 << 10;

    /// Returns the addresses in `tree`, which has `/chosen/linux,uefi-mmap-start`. `taken` are the
    /// places of the tree and of the kernel that reads it.
    ///
    /// # Errors
    /// Rule 28: a property is missing or invalid, or the map overlaps one of `taken`.
    pub fn of(tree: Tree<'_>, taken: &[PhysRange]) -> Result<Self, HandedFault> {
        let system_table = double(tree, "linux,uefi-system-table")?;
        let start = double(tree, "linux,uefi-mmap-start")?;
        let size = cell(tree, "linux,uefi-mmap-size")?;
        if size == 0 || size > Self::MAX_MAP {
            let right = "1 to 0x40000 (256 KiB)";
            return Err(invalid("linux,uefi-mmap-size", size.into(), right));
        }
        let descriptor_size = cell(tree, "linux,uefi-mmap-desc-size")?;
        let version = cell(tree, "linux,uefi-mmap-desc-ver")?;
        if version != DESCRIPTOR_VERSION {
            return Err(invalid("linux,uefi-mmap-desc-ver", version.into(), "1"));
        }
        if start.checked_add(size.into()).is_none() {
            return Err(invalid("linux,uefi-mmap-start", start, "an address with the map behind it"));
        }
        let map = PhysRange::new(PhysAddr::new(start), size.into());
        if let Some(other) = taken.iter().copied().find(|other| map.overlaps(*other)) {
            return Err(HandedFault::MapOver { map, other });
        }
        let descriptor_size = descriptor_size as usize;
        Ok(Self { system_table: PhysAddr::new(system_table), map, descriptor_size })
    }
}

const fn invalid(name: &'static str, found: u64, right: &'static str) -> HandedFault {
    HandedFault::Property { name, found: Some(found), right }
}

fn double(tree: Tree<'_>, name: &'static str) -> Result<u64, HandedFault> {
    let value = chosen::property(tree, name).and_then(|value| value.try_into().ok());
    value.map(u64::from_be_bytes).ok_or(HandedFault::Property { name, found: None, right: "two cells" })
}

fn cell(tree: Tree<'_>, name: &'static str) -> Result<u32, HandedFault> {
    let value = chosen::property(tree, name).and_then(|value| value.try_into().ok());
    value.map(u32::from_be_bytes).ok_or(HandedFault::Property { name, found: None, right: "one cell" })
}
