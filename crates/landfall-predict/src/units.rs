//! Addresses, sizes and seeds as a user writes them.
//!
//! ```text
//! address   0x8020_0000                     in hex, and only with 0x
//! size      1G, 64M, 0x200000, 512KiB       K, M, G and T count in 1024s
//! extent    0x80000000:512K                 an address and a size
//! seed      0123456789abcdef                16 hex digits
//! ```
//!
//! ```
//! use landfall_predict::units::{Extent, Seed, UnitError};
//!
//! let extent: Extent = "0x80000000:512K".parse()?;
//! assert_eq!(extent.range().size(), 512 << 10);
//! assert!("1234".parse::<Seed>().is_err(), "a seed has 16 digits");
//! # Ok::<(), UnitError>(())
//! ```

use std::fmt;
use std::str::FromStr;

use landfall_paging::{PhysAddr, PhysRange};
use thiserror::Error;

pub use landfall_inspect::units::{Address, Size};

/// A stretch of memory: `0x80000000:512K`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Its first address.
    pub base: Address,
    /// Its bytes.
    pub size: Size,
}

impl Extent {
    /// Returns the same as physical memory.
    #[must_use]
    pub const fn range(self) -> PhysRange {
        PhysRange::new(PhysAddr::new(self.base.0), self.size.0)
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:#x}", self.base, self.size.0)
    }
}

impl FromStr for Extent {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let wrong = || UnitError::Extent { found: text.to_owned() };
        let (base, size) = text.split_once(':').ok_or_else(wrong)?;
        let (base, size): (Address, Size) = (base.parse()?, size.parse()?);
        base.checked_add(size.0).filter(|_| size.0 != 0).ok_or_else(wrong)?;
        Ok(Self { base, size })
    }
}

/// The `kaslr-seed` of the device tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seed(pub u64);

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Seed {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match u64::from_str_radix(text, 16) {
            Ok(seed) if digits => Ok(Self(seed)),
            _ => Err(UnitError::Seed { found: text.to_owned() }),
        }
    }
}

/// A word that is no address, size or seed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnitError {
    /// No address or size.
    #[error(transparent)]
    Unit(#[from] landfall_inspect::units::UnitError),
    /// No stretch of memory.
    #[error(
        "\"{found}\" is not a range of memory; write BASE:SIZE like 0x80000000:512M, with an end below 2^64"
    )]
    Extent {
        /// The word there was.
        found: String,
    },
    /// No seed.
    #[error("\"{found}\" is not a seed; write 16 hex digits like 0123456789abcdef")]
    Seed {
        /// The word there was.
        found: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extent_is_an_address_and_a_size() {
        let extent = Extent { base: Address(0x8000_0000), size: Size::kib(512) };
        assert_eq!("0x80000000:512K".parse(), Ok(extent));
        assert_eq!("0x80000000:0x80000".parse(), Ok(extent));
        assert_eq!(extent.to_string(), "0x80000000:0x80000");
        for wrong in
            ["", ":", "1:", ":1", "0x80000000", "0x80000000:0", "0:1:2", "0xffffffffffffffff:2", "1G:1G"]
        {
            assert!(wrong.parse::<Extent>().is_err(), "{wrong:?} was taken for a stretch of memory");
        }
    }

    #[test]
    fn a_seed_is_16_hex_digits() {
        assert_eq!("0123456789abcdef".parse(), Ok(Seed(0x0123_4567_89ab_cdef)));
        for wrong in ["", "0123456789abcde", "0x23456789abcdef", "+123456789abcdef", "0123456789abcdefg"] {
            assert!(wrong.parse::<Seed>().is_err(), "{wrong:?} was taken for a seed");
        }
    }
}
