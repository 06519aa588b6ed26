//! Permission, attributes and memory type of a leaf.

use std::fmt;

use serde::{Serialize, Serializer};

/// The memory type that a leaf states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemoryType {
    /// That of the physical address (PMA).
    #[default]
    Default,
    /// Not cached, idempotent, weakly ordered (Svpbmt, NC).
    Uncached,
    /// Not cached, not idempotent, strongly ordered (Svpbmt, IO).
    Io,
    /// Bits 63:59 on a T-Head part: strongly ordered, cacheable, bufferable, shareable, trusted.
    Thead(u8),
}

impl MemoryType {
    /// Returns true for the type of ordinary memory.
    #[must_use]
    pub fn is_ordinary(self) -> bool {
        matches!(self, Self::Default | Self::Thead(0b01110))
    }

    /// Returns true for the type of registers of devices.
    #[must_use]
    pub fn is_io(self) -> bool {
        // Strongly ordered is bit 63.
        matches!(self, Self::Io | Self::Thead(0b1_0000..))
    }

    /// Returns the type with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Default, Self::Uncached, Self::Io]
            .into_iter()
            .chain((0..32).map(Self::Thead))
            .find(|own| own.to_string() == name)
    }
}

impl fmt::Display for MemoryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Uncached => f.write_str("nc"),
            Self::Io => f.write_str("io"),
            Self::Thead(bits) => letters(f, "OCBST", bits.reverse_bits() >> 3),
        }
    }
}

/// Permission and attributes of a leaf.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attributes {
    /// Bits 7:1 of the entry.
    flags: u8,
    memory: MemoryType,
}

impl Attributes {
    pub(crate) const fn new(flags: u8, memory: MemoryType) -> Self {
        Self { flags, memory }
    }

    /// Reads permission, such as `R-X`, the letters of `UGAD` that are set, and the memory type.
    #[must_use]
    pub fn from_text(access: &str, flags: &str, memory: &str) -> Option<Self> {
        let access = bits(access, "RWX")?;
        let flags = bits(flags, "UGAD")?;
        Some(Self::new(access << 1 | flags << 4, MemoryType::from_name(memory)?))
    }

    const fn has(self, bit: u32) -> bool {
        self.flags >> bit & 1 != 0
    }

    /// W: writable.
    #[must_use]
    pub const fn writable(self) -> bool {
        self.has(2)
    }

    /// X: executable.
    #[must_use]
    pub const fn executable(self) -> bool {
        self.has(3)
    }

    /// U: for user mode.
    #[must_use]
    pub const fn user(self) -> bool {
        self.has(4)
    }

    /// A: accessed.
    #[must_use]
    pub const fn accessed(self) -> bool {
        self.has(6)
    }

    /// D: dirty.
    #[must_use]
    pub const fn dirty(self) -> bool {
        self.has(7)
    }

    /// The memory type.
    #[must_use]
    pub const fn memory(self) -> MemoryType {
        self.memory
    }

    /// Returns true if R, W and X are the same.
    #[must_use]
    pub const fn same_permission(self, other: Self) -> bool {
        (self.flags ^ other.flags) & 0b1110 == 0
    }

    /// Returns R, W and X as text: `RW-`.
    #[must_use]
    pub fn access(self) -> String {
        Letters("RWX", self.flags >> 1).to_string()
    }

    /// Returns U, G, A and D as text: `-GAD`.
    #[must_use]
    pub fn flags(self) -> String {
        Letters("UGAD", self.flags >> 4).to_string()
    }
}

impl fmt::Display for Attributes {
    /// `RW- -GAD`, and the memory type if it is not that of the physical address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.access(), self.flags())?;
        if self.memory == MemoryType::Default { Ok(()) } else { write!(f, " {}", self.memory) }
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

struct Letters(&'static str, u8);

impl fmt::Display for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        letters(f, self.0, self.1)
    }
}

/// Writes each letter whose bit is set, from bit 0 on, and a dash for each other.
fn letters(f: &mut fmt::Formatter<'_>, names: &str, bits: u8) -> fmt::Result {
    names.chars().zip(0..).try_for_each(|(letter, bit)| {
        let letter = if bits >> bit & 1 != 0 { letter } else { '-' };
        write!(f, "{letter}")
    })
}

/// The bits of such a text.
fn bits(text: &str, names: &str) -> Option<u8> {
    if text.len() != names.len() {
        return None;
    }
    text.chars().zip(names.chars()).zip(0..).try_fold(0, |bits, ((found, name), bit)| match found {
        '-' => Some(bits),
        found if found == name => Some(bits | 1 << bit),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_back_from_their_text() {
        for flags in (0..=0xfe).step_by(2) {
            for memory in [MemoryType::Default, MemoryType::Uncached, MemoryType::Io, MemoryType::Thead(14)] {
                let own = Attributes::new(flags, memory);
                let text = (own.access(), own.flags(), own.memory().to_string());
                assert_eq!(Attributes::from_text(&text.0, &text.1, &text.2), Some(own));
            }
        }
        assert_eq!(MemoryType::Thead(0b01110).to_string(), "-CBS-");
        for (access, flags) in
            [("RW", "----"), ("RWXX", "----"), ("XWR", "----"), ("RW-", "DAGU"), ("é-", "----")]
        {
            assert_eq!(Attributes::from_text(access, flags, "default"), None, "{access} {flags}");
        }
    }
}
