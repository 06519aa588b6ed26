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

impl Place {
    /// Returns true if the caller leaves the place open.
    pub(crate) const fn is_open(self) -> bool {
        !matches!(self, Self::At(_))
    }

    /// Returns the choice among fewer places. A place depends on the high bits of its number, so
    /// the low bits are still uniform.
    pub(crate) const fn drawn_again(self) -> Self {
        match self {
            Self::Drawn(number) => Self::Drawn(number.reverse_bits()),
            other => other,
        }
    }
}
