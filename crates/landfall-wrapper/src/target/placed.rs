//! The inner kernel at its places.

use core::fmt;

use landfall::address::{LinearAddr, PhysRange, VirtAddr};
use landfall::plan::PlaceCount;
use landfall::{Landing, policy::Disclosure};
use landfall_image::inner::InnerPlace;
use landfall_paging::Mapping;
use landfall_wrap::{Inner, InnerDraws, Places};

use super::refusal::Refused;

/// The places of the inner kernel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    /// The memory of its span.
    pub(super) phys: PhysRange,
    /// The virtual address of its span.
    pub(super) virt: VirtAddr,
    /// Virtual minus link address, modulo 2^64.
    pub(super) moved: u64,
    /// Its first instruction.
    pub(super) entry: VirtAddr,
    places: [PlaceCount; 2],
    disclosure: Disclosure,
}

impl Placed {
    /// Draws the places.
    ///
    /// # Errors
    /// [`Refused`] if the mode lacks its addresses, or no free memory holds it.
    pub(super) fn new(
        landing: &Landing,
        inner: &Inner<'_>,
        physical: InnerPlace,
        draws: Option<&InnerDraws>,
    ) -> Result<Self, Refused> {
        let Places { virt, phys } = inner.places(landing.plan(), landing.facts(), physical, draws)?;
        let moved = virt.start.wrapping_offset_from(inner.span().start());
        Ok(Self {
            phys: phys.range,
            virt: virt.start,
            moved,
            entry: inner.entry().wrapping_add(moved),
            places: [virt.places, phys.places],
            disclosure: landing.policy().disclosure(),
        })
    }

    /// Returns true if the policy discloses addresses.
    pub(super) fn discloses(&self) -> bool {
        self.disclosure == Disclosure::Disclose
    }

    /// Writes the kernel to its place, and returns its bytes there.
    ///
    /// # Errors
    /// As [`Inner::load`].
    ///
    /// # Safety
    /// The memory is free, and nothing else has a reference to it. This is called once.
    pub(super) unsafe fn load(&self, inner: &Inner<'_>) -> Result<&'static mut [u8], Refused> {
        // SAFETY: the caller's; the linear map holds free memory.
        let memory = unsafe { bytes(self.phys) };
        inner.load(memory, self.virt)?;
        Ok(memory)
    }

    /// Returns the mappings of the kernel, in ascending order.
    pub(super) fn mappings<'a>(&self, inner: &'a Inner<'_>) -> impl Iterator<Item = Mapping> + use<'a> {
        let (first, phys, moved) = (inner.span().start(), self.phys.start(), self.moved);
        inner.segments().map(move |segment| Mapping {
            virt: segment.virt.start().wrapping_add(moved),
            phys: phys.wrapping_add(segment.virt.start().wrapping_offset_from(first)),
            size: segment.virt.size(),
            access: segment.access,
        })
    }
}

impl fmt::Display for Placed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [virt, phys] = self.places.map(PlaceCount::bits);
        match self.disclosure {
            Disclosure::Disclose => {
                write!(f, "at {} ({virt} bits), in memory at {} ({phys} bits)", self.virt, self.phys.start())
            }
            _ => write!(f, "placed with {virt} bits, in memory with {phys} bits"),
        }
    }
}

/// Returns the bytes of memory, through the linear map.
///
/// # Safety
/// The linear map holds the memory, nothing else has a reference to it, and it has an owner that
/// never frees it.
pub(super) unsafe fn bytes(range: PhysRange) -> &'static mut [u8] {
    let first = LinearAddr::from_phys(range.start()).as_ptr();
    // SAFETY: the caller's.
    unsafe { core::slice::from_raw_parts_mut(first, range.size() as usize) }
}
