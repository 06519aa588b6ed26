//! Addresses are types: one for the linear map, one for the kernel's own mapping. They do not mix.

use landfall_paging::{PhysAddr, VirtAddr};

use crate::constants;

macro_rules! mapped_address {
    ($(#[$doc:meta])* $name:ident, $offset:path) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(transparent)]
        pub struct $name(VirtAddr);

        impl $name {
            /// Returns the virtual address at which the physical address is mapped.
            #[inline]
            #[must_use]
            pub fn from_phys(phys: PhysAddr) -> Self {
                Self(VirtAddr::new(phys.get().wrapping_add($offset())))
            }

            /// The physical address behind it.
            #[inline]
            #[must_use]
            pub fn to_phys(self) -> PhysAddr {
                PhysAddr::new(self.0.get().wrapping_sub($offset()))
            }

            /// The virtual address.
            #[inline]
            #[must_use]
            pub const fn virt(self) -> VirtAddr {
                self.0
            }

            /// The mapped address with this value.
            #[inline]
            #[must_use]
            pub const fn from_virt(virt: VirtAddr) -> Self {
                Self(virt)
            }

            /// A pointer to what is there. Following it is the caller's risk.
            #[inline]
            #[must_use]
            pub fn as_ptr<T>(self) -> *mut T {
                core::ptr::with_exposed_provenance_mut(self.0.get() as usize)
            }

            /// The address of something that lies there.
            #[inline]
            #[must_use]
            pub fn from_ptr<T: ?Sized>(pointer: *const T) -> Self {
                Self(VirtAddr::new(pointer.expose_provenance() as u64))
            }
        }
    };
}

mapped_address! {
    /// An address in the linear map, which holds all RAM. Conversions take three instructions
    /// (`lui`, `slli`, `add` or `sub`) and no load; the compiler moves the first two out of loops
    /// that it sees through.
    LinearAddr, constants::linear_offset
}

mapped_address! {
    /// An address in the kernel's own mapping: code, constants, data. Conversions take six
    /// instructions and no load. Stacks do not belong to it: no buffer of a device should lie on
    /// one.
    ImageAddr, constants::image_offset
}

/// Returns the physical address behind an address of either mapping, for ported code that holds
/// both: one compare, no load.
///
/// For an address of neither mapping the result is meaningless.
#[inline]
#[must_use]
pub fn virt_to_phys(virt: VirtAddr) -> PhysAddr {
    if virt.get() >= constants::border() {
        ImageAddr::from_virt(virt).to_phys()
    } else {
        LinearAddr::from_virt(virt).to_phys()
    }
}
