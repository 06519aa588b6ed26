//! The parts of a module in memory, and the places of its sections in them.
//!
//! A loader puts all sections of one permission into one part: in the order of the file, each at
//! the next multiple of its alignment. Empty sections and `.eh_frame` have no place. So the file
//! alone determines each section's offset in its part, and a debugger needs the three bases.

use object::elf::{SHF_ALLOC, SHF_EXCLUDE, SHF_EXECINSTR, SHF_WRITE};

use crate::units::Address;

/// The largest module in bytes: code reaches 2 GiB to either side.
pub(super) const MOST: u64 = 2 << 30;

/// A part of a module, by permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Code: R-X.
    Text,
    /// Neither written nor executed: R--.
    Constants,
    /// Written: RW-.
    Data,
}

impl Part {
    /// All parts, in the order in which a loader reports them.
    pub const ALL: [Self; 3] = [Self::Text, Self::Constants, Self::Data];

    /// Returns the part of a section with these `sh_flags`; none if it is not loaded. A section
    /// that is both written and executed counts as code, and no loader takes it.
    #[must_use]
    pub const fn of_flags(flags: u64) -> Option<Self> {
        if flags & SHF_ALLOC.0 == 0 || flags & SHF_EXCLUDE.0 != 0 {
            None
        } else if flags & SHF_EXECINSTR.0 != 0 {
            Some(Self::Text)
        } else if flags & SHF_WRITE.0 != 0 {
            Some(Self::Data)
        } else {
            Some(Self::Constants)
        }
    }

    /// Returns the address that a [`Subject`](super::Subject) gives the part's first byte. No
    /// module is linked to an address, so these are far apart and have no other meaning.
    #[must_use]
    pub const fn base(self) -> Address {
        Address((self as u64 + 1) << 44)
    }

    /// Returns the part of an address that a [`Subject`](super::Subject) gave.
    #[must_use]
    pub const fn of_address(address: Address) -> Option<Self> {
        match address.0 >> 44 {
            1 => Some(Self::Text),
            2 => Some(Self::Constants),
            3 => Some(Self::Data),
            _ => None,
        }
    }
}

/// Gives sections their places, one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Places {
    sizes: [u64; Part::ALL.len()],
}

impl Places {
    /// Returns the address of the next section of `part`; none if the module becomes too large.
    pub(super) fn next(&mut self, part: Part, size: u64, alignment: u64) -> Option<Address> {
        let taken = &mut self.sizes[part as usize];
        let offset = taken.checked_next_multiple_of(alignment.max(1)).filter(|&offset| offset <= MOST)?;
        *taken = offset.checked_add(size).filter(|&end| end <= MOST)?;
        Some(part.base().wrapping_add(offset))
    }

    /// Returns the bytes of each part.
    pub(super) const fn sizes(&self) -> [u64; Part::ALL.len()] {
        self.sizes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_at_the_next_multiple_of_its_alignment() {
        let mut places = Places::default();
        let mut offset = |part: Part, size, alignment| {
            places.next(part, size, alignment).map(|at| at.wrapping_offset_from(part.base()))
        };
        assert_eq!(offset(Part::Text, 5, 4), Some(0));
        assert_eq!(offset(Part::Data, 3, 0), Some(0));
        assert_eq!(offset(Part::Text, 8, 16), Some(16));
        assert_eq!(offset(Part::Text, MOST - 23, 1), None);
        assert_eq!(offset(Part::Data, u64::MAX, 1), None);
        assert_eq!(offset(Part::Data, 1, u64::MAX), None);
    }

    #[test]
    fn an_address_belongs_to_the_part_that_it_was_given_for() {
        for part in Part::ALL {
            assert_eq!(Part::of_address(part.base()), Some(part));
            assert_eq!(Part::of_address(part.base().wrapping_add(MOST - 1)), Some(part));
        }
        assert_eq!(Part::of_address(Address(0)), None);
    }
}
