//! Ranges of addresses: one type for physical and one for virtual ones, of the same shape.

use core::fmt;

use crate::addr::{PAGE_SIZE, PhysAddr, VirtAddr};

/// The first page boundary from an address on, or the last one of all.
macro_rules! page_up {
    ($address:ident, $at:expr) => {
        $address::new($at.get().saturating_add(PAGE_SIZE - 1)).align_down(PAGE_SIZE)
    };
}

macro_rules! range {
    ($(#[$doc:meta])* $name:ident of $address:ident) => {
        $(#[$doc])*
        ///
        /// It may be empty. It never holds the last byte of the 64-bit space, so its end is an
        /// address too.
        #[derive(Clone, Copy, Default, PartialEq, Eq)]
        #[repr(C)]
        pub struct $name {
            start: $address,
            size: u64,
        }

        impl $name {
            /// The range without any byte, at address 0.
            pub const EMPTY: Self = Self { start: $address::new(0), size: 0 };

            /// Returns the `size` bytes from `start` on, without the last byte of the 64-bit space.
            #[must_use]
            pub const fn new(start: $address, size: u64) -> Self {
                let room = u64::MAX - start.get();
                Self { start, size: if size < room { size } else { room } }
            }

            /// Returns the bytes from `start` up to, and without, `end`; none if `end` is not
            /// above.
            #[must_use]
            pub const fn between(start: $address, end: $address) -> Self {
                Self { start, size: end.get().saturating_sub(start.get()) }
            }

            /// Returns the address of the first byte.
            #[must_use]
            pub const fn start(self) -> $address {
                self.start
            }

            /// Returns the address behind the last byte.
            #[must_use]
            pub const fn end(self) -> $address {
                $address::new(self.start.get() + self.size)
            }

            /// Returns the number of bytes.
            #[must_use]
            pub const fn size(self) -> u64 {
                self.size
            }

            /// Returns true if the range has no byte.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.size == 0
            }

            /// Returns the pages that lie in the range as a whole.
            #[must_use]
            pub const fn pages_within(self) -> Self {
                Self::between(page_up!($address, self.start), self.end().align_down(PAGE_SIZE))
            }

            /// Returns all pages of which at least one byte lies in the range.
            #[must_use]
            pub const fn pages_touched(self) -> Self {
                if self.is_empty() {
                    self
                } else {
                    Self::between(self.start.align_down(PAGE_SIZE), page_up!($address, self.end()))
                }
            }

            /// Returns the bytes that lie in both.
            #[must_use]
            pub fn intersection(self, other: Self) -> Self {
                Self::between(self.start.max(other.start), self.end().min(other.end()))
            }

            /// Returns true if at least one byte lies in both.
            #[must_use]
            pub fn overlaps(self, other: Self) -> bool {
                !self.intersection(other).is_empty()
            }

            /// Returns true if all bytes of `other` lie in the range. An empty range lies in every
            /// range.
            #[must_use]
            pub const fn contains(self, other: Self) -> bool {
                other.size == 0
                    || other.start.get() >= self.start.get() && other.end().get() <= self.end().get()
            }

            /// Returns true if the byte at `address` lies in the range.
            #[must_use]
            pub const fn contains_address(self, address: $address) -> bool {
                address.wrapping_offset_from(self.start) < self.size
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}..{}", self.start, self.end())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

range! {
    /// Physical addresses that follow each other.
    PhysRange of PhysAddr
}

range! {
    /// Virtual addresses that follow each other.
    VirtRange of VirtAddr
}

impl VirtRange {
    /// Returns the `size` bytes from `start` on. `None` if they include the last byte of the 64-bit
    /// space.
    pub(crate) const fn checked(start: VirtAddr, size: u64) -> Option<Self> {
        if size <= u64::MAX - start.get() { Some(Self { start, size }) } else { None }
    }
}
