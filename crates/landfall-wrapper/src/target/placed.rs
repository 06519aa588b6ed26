//! The inner kernel at its places.

use core::fmt;

use landfall::address::{LinearAddr, PhysAddr, PhysRange, VirtAddr};
use landfall::plan::{KaslrState, PlaceCount};
use landfall::{Landing, policy::Disclosure};
use landfall_image::inner::InnerPlace;
use landfall_paging::{Mapping, PAGE_SIZE};
use landfall_wrap::{Inner, InnerDraws};

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
        let (mode, least) = (landing.mode(), inner.least_mode());
        if mode < least {
            return Err(Refused::Mode { mode, least });
        }
        let draws = draws.filter(|_| matches!(landing.plan().kaslr, KaslrState::Random(_)));
        let virt = inner.virtual_place(draws.map(|draws| draws.virt));
        let drawn = draws.filter(|_| physical == InnerPlace::Random).map(|draws| draws.phys);
        let phys = inner.physical_place(virt.start, &free_memory(landing), drawn)?;
        let moved = virt.start.wrapping_offset_from(inner.span().start());
        let places = [virt.places, if drawn.is_some() { phys.places } else { PlaceCount::new(1) }];
        Ok(Self {
            phys: phys.range,
            virt: virt.start,
            moved,
            entry: inner.entry().wrapping_add(moved),
            places: if draws.is_some() { places } else { [PlaceCount::new(1); 2] },
            disclosure: landing.policy().disclosure(),
        })
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

/// Returns the free memory without page 0, whose address would be null.
pub(super) fn free_memory(landing: &Landing) -> impl Iterator<Item = PhysRange> + Clone + '_ {
    let page_1 = PhysAddr::new(PAGE_SIZE);
    landing.free_memory().map(move |free| PhysRange::between(free.start().max(page_1), free.end()))
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
