//! Extensions of a part's entries beyond the base specification.
//!
//! ```
//! use landfall_judge::MemoryType;
//!
//! // Bits 63:59 of a leaf on a T-Head part.
//! assert_eq!(MemoryType::of(0b01110 << 59), MemoryType::ORDINARY);
//! assert_eq!(MemoryType::DEVICE.to_string(), "O--S-");
//! ```

use core::fmt;

/// The used bits among 63:54 of a part's entries. All others there are reserved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Extensions {
    /// Nothing.
    #[default]
    None,
    /// Svnapot (privileged specification, "Svnapot" Extension for NAPOT Translation Contiguity): N
    /// in bit 63 of leaves.
    Svnapot,
    /// T-Head's C9xx with `th.sxstatus.MAEE` on: a memory type in bits 63:59 of leaves.
    TheadMemory,
}

/// The memory type that a leaf states to a T-Head part: strongly ordered 63, cacheable 62,
/// bufferable 61, shareable 60, trusted 59.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MemoryType(u8);

impl MemoryType {
    /// Ordinary memory: cacheable, bufferable and shareable.
    pub const ORDINARY: Self = Self(0b01110);
    /// Memory that no hart caches: bufferable and shareable.
    pub const UNCACHED: Self = Self(0b00110);
    /// Registers of devices: strongly ordered and shareable, neither cacheable nor bufferable.
    pub const DEVICE: Self = Self(0b10010);

    /// The memory type in this entry.
    #[must_use]
    pub const fn of(entry: u64) -> Self {
        Self(entry.to_le_bytes()[7] >> 3)
    }
}

impl fmt::Display for MemoryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        "OCBST".chars().zip((0..5).rev()).try_for_each(|(letter, bit)| {
            let letter = if self.0 >> bit & 1 != 0 { letter } else { '-' };
            write!(f, "{letter}")
        })
    }
}

impl fmt::Debug for MemoryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
