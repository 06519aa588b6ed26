//! Conversion of addresses that may belong to either mapping.

use core::fmt;

use landfall_paging::{PhysAddr, VirtAddr};

/// An address that belongs to neither mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressError {
    /// The address.
    pub address: VirtAddr,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an address that belongs neither to the linear map nor to the image")
    }
}

impl core::error::Error for AddressError {}

/// The physical address behind one of either mapping, for ported code that holds both: one
/// compare, no load.
///
/// # Panics
/// In debug builds, for an address of neither.
#[inline]
#[must_use]
pub fn virt_to_phys(virt: VirtAddr) -> PhysAddr {
    let phys = landfall_address::virt_to_phys(virt);
    debug_assert!(super::landing::is_mapped(virt, phys), "{}", AddressError { address: virt });
    phys
}
