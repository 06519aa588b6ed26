//! Addresses, each of its own type.

use core::fmt;
use core::ops::{Add, Sub};

/// Bytes in a page, the smallest unit that a table maps.
pub const PAGE_SIZE: u64 = 4096;

macro_rules! address {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// `+` and `-` panic in every build if the result is no 64-bit number. The
        /// `checked_` methods return `None` then, and the `wrapping_` methods compute modulo 2^64.
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(transparent)]
        pub struct $name(u64);

        impl $name {
            /// Returns the address with this value, in bytes.
            #[must_use]
            pub const fn new(value: u64) -> Self {
                Self(value)
            }

            /// Returns the value, in bytes.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }

            /// Returns the address `bytes` above; `None` if that is 2^64 or more.
            #[must_use]
            pub const fn checked_add(self, bytes: u64) -> Option<Self> {
                match self.0.checked_add(bytes) {
                    Some(value) => Some(Self(value)),
                    None => None,
                }
            }

            /// Returns the address `bytes` below; `None` if that is less than 0.
            #[must_use]
            pub const fn checked_sub(self, bytes: u64) -> Option<Self> {
                match self.0.checked_sub(bytes) {
                    Some(value) => Some(Self(value)),
                    None => None,
                }
            }

            /// Returns the bytes from `lower` up to this address; `None` if `lower` is above it.
            #[must_use]
            pub const fn checked_offset_from(self, lower: Self) -> Option<u64> {
                self.0.checked_sub(lower.0)
            }

            /// Returns the address `bytes` above, modulo 2^64.
            #[must_use]
            pub const fn wrapping_add(self, bytes: u64) -> Self {
                Self(self.0.wrapping_add(bytes))
            }

            /// Returns the address `bytes` below, modulo 2^64.
            #[must_use]
            pub const fn wrapping_sub(self, bytes: u64) -> Self {
                Self(self.0.wrapping_sub(bytes))
            }

            /// Returns the bytes from `lower` up to this address, modulo 2^64.
            #[must_use]
            pub const fn wrapping_offset_from(self, lower: Self) -> u64 {
                self.0.wrapping_sub(lower.0)
            }

            /// Returns true if the address is a multiple of `size`, a power of two.
            #[must_use]
            pub const fn is_aligned(self, size: u64) -> bool {
                self.0 & (size - 1) == 0
            }

            /// Returns the last multiple of `size`, a power of two, that is not above the address.
            #[must_use]
            pub const fn align_down(self, size: u64) -> Self {
                Self(self.0 & !(size - 1))
            }

            /// Returns the first multiple of `size`, a power of two, that is not below the address;
            /// `None` if that is 2^64.
            #[must_use]
            pub const fn checked_align_up(self, size: u64) -> Option<Self> {
                match self.checked_add(size - 1) {
                    Some(last) => Some(last.align_down(size)),
                    None => None,
                }
            }
        }

        impl Add<u64> for $name {
            type Output = Self;

            #[track_caller]
            fn add(self, bytes: u64) -> Self {
                self.checked_add(bytes).expect("the sum is no 64-bit address")
            }
        }

        impl Sub<u64> for $name {
            type Output = Self;

            #[track_caller]
            fn sub(self, bytes: u64) -> Self {
                self.checked_sub(bytes).expect("the difference is no 64-bit address")
            }
        }

        /// The bytes from the right address up to the left one.
        impl Sub for $name {
            type Output = u64;

            #[track_caller]
            fn sub(self, lower: Self) -> u64 {
                self.checked_offset_from(lower).expect("the right address is above the left one")
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
    /// A virtual address. It is canonical or not by mode: see
    /// [`Mode::is_canonical`](crate::Mode::is_canonical).
    VirtAddr
}
