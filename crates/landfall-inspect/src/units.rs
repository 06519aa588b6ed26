//! Addresses and sizes as a user writes them.
//!
//! ```text
//! address   0x8020_0000                     in hex, and only with 0x
//! size      1G, 64M, 0x200000, 512KiB       K, M, G and T count in 1024s
//! ```

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An address in a machine: physical, or as a hart sees it, by where it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub u64);

impl Address {
    /// The address `bytes` further on, or `None` beyond the last one.
    #[must_use]
    pub fn checked_add(self, bytes: u64) -> Option<Self> {
        self.0.checked_add(bytes).map(Self)
    }

    /// The address `bytes` further on; past the last one it goes on at 0, as a hart's arithmetic
    /// does.
    #[must_use]
    pub fn wrapping_add(self, bytes: u64) -> Self {
        Self(self.0.wrapping_add(bytes))
    }

    /// Bytes from `other` up to this address, modulo 2^64.
    #[must_use]
    pub fn wrapping_offset_from(self, other: Self) -> u64 {
        self.0.wrapping_sub(other.0)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl FromStr for Address {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let is_hex = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'_');
        match number(text) {
            // One digit is the same number in hex and in decimal.
            Some(address) if !is_hex || text.len() == 1 => Ok(Self(address)),
            _ if is_hex && number(&format!("0x{text}")).is_some() => {
                Err(UnitError::NoPrefix { found: text.to_owned() })
            }
            _ => Err(UnitError::Address { found: text.to_owned() }),
        }
    }
}

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(pub u64);

impl Size {
    /// `count` KiB.
    #[must_use]
    pub const fn kib(count: u32) -> Self {
        Self((count as u64) << 10)
    }

    /// `count` MiB.
    #[must_use]
    pub const fn mib(count: u32) -> Self {
        Self((count as u64) << 20)
    }

    /// `count` GiB.
    #[must_use]
    pub const fn gib(count: u32) -> Self {
        Self((count as u64) << 30)
    }
}

impl fmt::Display for Size {
    /// In the largest unit that leaves a whole number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
        let whole = |&&(shift, _): &&(u32, &str)| self.0 != 0 && self.0.trailing_zeros() >= shift;
        match units.iter().find(whole) {
            Some((shift, unit)) => write!(f, "{} {unit}", self.0 >> shift),
            None => write!(f, "{} bytes", self.0),
        }
    }
}

impl FromStr for Size {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let wrong = || UnitError::Size { found: text.to_owned() };
        let lower = text.to_ascii_lowercase();
        let stem = lower.strip_suffix("ib").unwrap_or(&lower);
        let stem = if stem.len() == lower.len() && !lower.starts_with("0x") {
            lower.strip_suffix('b').unwrap_or(stem)
        } else {
            stem
        };
        let (digits, shift) = match stem.chars().last() {
            Some('k') => (&stem[..stem.len() - 1], 10),
            Some('m') => (&stem[..stem.len() - 1], 20),
            Some('g') => (&stem[..stem.len() - 1], 30),
            Some('t') => (&stem[..stem.len() - 1], 40),
            _ => (stem, 0),
        };
        let count = number(digits).ok_or_else(wrong)?;
        count.checked_mul(1 << shift).map(Self).ok_or_else(wrong)
    }
}

/// A word that is no address or size.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnitError {
    /// No address.
    #[error("\"{found}\" is no address; write it in hex like 0x80200000, below 2^64")]
    Address {
        /// The word there was.
        found: String,
    },
    /// Hex digits without a prefix.
    #[error("\"{found}\" has no 0x, and addresses are in hex; write 0x{found}")]
    NoPrefix {
        /// The word there was.
        found: String,
    },
    /// No size.
    #[error("\"{found}\" is no size: write bytes, or a number with K, M, G or T like 64M, below 2^64 bytes")]
    Size {
        /// The word there was.
        found: String,
    },
}

/// A number in decimal, or in hex after `0x`; `_` may stand between digits, as in Rust.
fn number(text: &str) -> Option<u64> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => (hex, 16),
        None => (text, 10),
    };
    // `from_str_radix` takes a sign, which no address has.
    if !digits.starts_with(|first: char| first.is_ascii_hexdigit()) {
        return None;
    }
    u64::from_str_radix(&digits.replace('_', ""), radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_hex() {
        assert_eq!("0x8020_0000".parse(), Ok(Address(0x8020_0000)));
        assert_eq!("0".parse(), Ok(Address(0)));
        assert_eq!("0xffffffffffffffff".parse(), Ok(Address(u64::MAX)));
        for wrong in ["", "0x", "-1", "+1", "0x-1", "_1", "1G", "80200000h", "0x10000000000000000", "ä"] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong:?} was taken for an address");
        }
    }

    #[test]
    fn an_address_without_its_prefix_is_suggested_with_it() {
        for (text, suggested) in [
            ("80200000", "0x80200000"),
            ("8020_0000", "0x8020_0000"),
            ("9a3c5000", "0x9a3c5000"),
            ("4096", "0x4096"),
        ] {
            let error = text.parse::<Address>().expect_err(text).to_string();
            assert!(error.ends_with(&format!("write {suggested}")), "{error}");
        }
        let error = "123456789012345678901".parse::<Address>().expect_err("too long").to_string();
        assert!(!error.contains("has no 0x"), "{error}");
    }

    #[test]
    fn sizes_count_in_1024s() {
        for (text, bytes) in
            [("1G", 1 << 30), ("64m", 64 << 20), ("512KiB", 512 << 10), ("3T", 3 << 40), ("4096", 4096)]
        {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
        }
        assert_eq!("0x200000".parse(), Ok(Size(0x20_0000)));
        assert_eq!("0x1b".parse(), Ok(Size(0x1b)));
        assert_eq!("2GB".parse(), Ok(Size(2 << 30)));
        for wrong in ["", "G", "b", "ib", "kib", "-1G", "1P", "1.5G", "16777216T", "1 G", "Gä", "ä"] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong:?} was taken for a size");
        }
    }

    #[test]
    fn sizes_print_in_the_largest_whole_unit() {
        assert_eq!(Size::gib(1).to_string(), "1 GiB");
        assert_eq!(Size::kib(384).to_string(), "384 KiB");
        assert_eq!(Size(1025).to_string(), "1025 bytes");
        assert_eq!(Size(0).to_string(), "0 bytes");
    }
}
