//! Addresses, each of its own type.

use core::fmt;

/// Bytes in a page, the smallest thing that a table can map.
pub const PAGE_SIZE: u64 = 4096;

macro_rules! address {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(transparent)]
        pub struct $name(u64);

        impl $name {
            /// The address with this value, in bytes.
            #[must_use]
            pub const fn new(value: u64) -> Self {
                Self(value)
            }

            /// The value, in bytes.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The address `bytes` further on, modulo 2^64.
            #[must_use]
            pub const fn add(self, bytes: u64) -> Self {
                Self(self.0.wrapping_add(bytes))
            }

            /// Bytes from `lower` up to this address, modulo 2^64.
            #[must_use]
            pub const fn since(self, lower: Self) -> u64 {
                self.0.wrapping_sub(lower.0)
            }

            /// Whether the address is a multiple of `size`, a power of two.
            #[must_use]
            pub const fn is_aligned(self, size: u64) -> bool {
                self.0 & (size - 1) == 0
            }

            /// The last multiple of `size`, a power of two, that is not above the address.
            #[must_use]
            pub const fn align_down(self, size: u64) -> Self {
                Self(self.0 & !(size - 1))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:#x})"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:#x}", self.0)
            }
        }
    };
}

address! {
    /// A physical address.
    PhysAddr
}

address! {
    /// A virtual address. Whether it is canonical depends on the mode: see [`Mode::is_canonical`](crate::Mode::is_canonical).
    VirtAddr
}

/// Virtual addresses that follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VirtRange {
    /// The first.
    pub start: VirtAddr,
    /// Bytes.
    pub size: u64,
}

impl VirtRange {
    /// No address.
    pub const EMPTY: Self = Self { start: VirtAddr::new(0), size: 0 };

    /// The first address behind it, modulo 2^64.
    #[must_use]
    pub const fn end(self) -> VirtAddr {
        self.start.add(self.size)
    }

    /// Returns true if all of `other` lies in the range. An empty range lies in none.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        let before = other.start.since(self.start);
        other.size != 0 && before < self.size && other.size <= self.size - before
    }
}
