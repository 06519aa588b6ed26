//! Addresses and spans of them.
//!
//! In JSON an address is a string in hex, `"0x80200000"`: many readers of JSON lose bits of larger
//! numbers.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes of a page, and of a table.
pub const PAGE: u64 = 4096;

/// Makes a type of address.
macro_rules! address {
    ($(#[$doc:meta])+ $name:ident) => {
        $(#[$doc])+
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl $name {
            /// Returns the address `bytes` further on, modulo 2^64.
            #[must_use]
            pub const fn wrapping_add(self, bytes: u64) -> Self {
                Self(self.0.wrapping_add(bytes))
            }
        }

        impl From<$name> for u64 {
            fn from(address: $name) -> Self {
                address.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&format!("{:#x}", self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:#x}", self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let digits = text.strip_prefix("0x").filter(|digits| !digits.starts_with('+'));
                let number = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
                number.map(Self).ok_or_else(|| D::Error::custom(format!("\"{text}\" is not an address")))
            }
        }
    };
}

address! {
    /// A physical address.
    Phys
}

address! {
    /// A virtual address.
    Virt
}

impl Virt {
    /// Returns true for an address of the upper half, where kernels live.
    #[must_use]
    pub const fn is_upper(self) -> bool {
        self.0 >> 63 != 0
    }
}

/// `size` bytes from `start` on. A span of virtual addresses may end with the last one of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span<A> {
    /// First address.
    pub start: A,
    /// Bytes.
    pub size: u64,
}

impl<A: Copy + Into<u64>> Span<A> {
    /// `size` bytes from `start` on.
    pub const fn new(start: A, size: u64) -> Self {
        Self { start, size }
    }

    /// Returns true if `address` lies in the span.
    #[must_use]
    pub fn contains(&self, address: A) -> bool {
        address.into().wrapping_sub(self.start.into()) < self.size
    }

    /// Returns the address after the last one, which may be 2^64.
    #[must_use]
    pub fn end(&self) -> u128 {
        u128::from(self.start.into()) + u128::from(self.size)
    }

    /// Returns true if both have an address in common.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let start = self.start.into().max(other.start.into());
        u128::from(start) < self.end().min(other.end())
    }
}

/// Returns the addresses of all spans, in ascending order; none touches another.
pub(crate) fn union(spans: &[Span<Phys>]) -> Vec<Span<Phys>> {
    let mut sorted: Vec<_> = spans.iter().copied().filter(|span| span.size != 0).collect();
    sorted.sort();
    let mut joined: Vec<Span<Phys>> = Vec::new();
    for span in sorted {
        match joined.last_mut() {
            Some(last) if u128::from(span.start.0) <= last.end() => {
                let end = last.end().max(span.end());
                last.size = u64::try_from(end - u128::from(last.start.0)).unwrap_or(u64::MAX);
            }
            _ => joined.push(span),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_reach_the_last_address_and_not_beyond() {
        let last = Span::new(Virt(!0xfff), PAGE);
        assert!(last.contains(Virt(!0)) && !last.contains(Virt(0)));
        assert_eq!(last.end(), 1 << 64);
        assert!(last.overlaps(&Span::new(Virt(!0), 1)));
        assert!(!last.overlaps(&Span::new(Virt(0), PAGE)));
        assert!(!Span::new(Virt(0), PAGE).overlaps(&Span::new(Virt(PAGE), PAGE)));
        assert!(!Span::new(Virt(8), 0).overlaps(&Span::new(Virt(0), PAGE)), "an empty span has no address");
    }

    #[test]
    fn addresses_are_hex_in_json() {
        assert_eq!(serde_json::to_string(&Phys(0x8020_0000)).expect("text"), "\"0x80200000\"");
        assert_eq!(serde_json::from_str::<Virt>("\"0xffffffffffffffff\"").expect("an address"), Virt(!0));
        for wrong in ["\"80\"", "\"0x\"", "\"0x+1\"", "\"0x10000000000000000\"", "1"] {
            assert!(serde_json::from_str::<Virt>(wrong).is_err(), "{wrong}");
        }
    }
}
