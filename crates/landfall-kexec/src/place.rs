//! The choice of the next kernel's place.

use landfall_paging::PhysAddr;

/// The choice of the next image's place in physical memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// The lowest that fits.
    #[default]
    Lowest,
    /// One of those that fit, by a number that is uniform over all 64-bit values.
    Drawn(u64),
    /// This address.
    At(PhysAddr),
}
