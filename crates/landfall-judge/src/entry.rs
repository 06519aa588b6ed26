//! Page-table entries, bit by bit.
//!
//! Privileged specification, "Sv39". Sv48 and Sv57 have the same layout:
//!
//! ```text
//! V 0, R 1, W 2, X 3, U 4, G 5, A 6, D 7, RSW 9:8, PPN 53:10, reserved 60:54
//! PBMT 62:61 (Svpbmt), N 63 (Svnapot)
//! ```
//!
//! T-Head's parts can have a memory type in 63:59 instead.
//!
//! ```
//! use landfall_judge::{Flags, Permission};
//!
//! // V, R, X, G, A and D.
//! let flags = Flags::of(0b1110_1011);
//! assert_eq!(flags.permission(), Permission::READ_EXECUTE);
//! assert!(flags.v() && flags.g() && !flags.u() && !flags.w());
//! ```

use core::fmt;

use crate::extensions::MemoryType;

/// Bits 7 to 0 of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flags(u8);

impl Flags {
    /// The flags of this entry.
    #[must_use]
    pub const fn of(entry: u64) -> Self {
        Self(entry.to_le_bytes()[0])
    }

    const fn has(self, bit: u32) -> bool {
        self.0 >> bit & 1 != 0
    }

    /// V: valid.
    #[must_use]
    pub const fn v(self) -> bool {
        self.has(0)
    }

    /// R: readable.
    #[must_use]
    pub const fn r(self) -> bool {
        self.has(1)
    }

    /// W: writable.
    #[must_use]
    pub const fn w(self) -> bool {
        self.has(2)
    }

    /// X: executable.
    #[must_use]
    pub const fn x(self) -> bool {
        self.has(3)
    }

    /// U: for user mode.
    #[must_use]
    pub const fn u(self) -> bool {
        self.has(4)
    }

    /// G: in all address spaces.
    #[must_use]
    pub const fn g(self) -> bool {
        self.has(5)
    }

    /// A: accessed.
    #[must_use]
    pub const fn a(self) -> bool {
        self.has(6)
    }

    /// D: dirty.
    #[must_use]
    pub const fn d(self) -> bool {
        self.has(7)
    }

    /// R, W and X.
    #[must_use]
    pub const fn permission(self) -> Permission {
        Permission(self.0 >> 1 & 0b111)
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        "VRWXUGAD".chars().zip(0..).try_for_each(|(letter, bit)| {
            let letter = if self.has(bit) { letter } else { '-' };
            write!(f, "{letter}")
        })
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// R, W and X of a leaf, in bits 0 to 2.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission(u8);

impl Permission {
    /// `R--`
    pub const READ: Self = Self(0b001);
    /// `RW-`
    pub const READ_WRITE: Self = Self(0b011);
    /// `R-X`
    pub const READ_EXECUTE: Self = Self(0b101);
}

impl fmt::Debug for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        "RWX".chars().zip(0..).try_for_each(|(letter, bit)| {
            let letter = if self.0 >> bit & 1 != 0 { letter } else { '-' };
            write!(f, "{letter}")
        })
    }
}

/// The mapping of one leaf entry, or of 16 of them together.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Leaf {
    /// First virtual address.
    pub virt: u64,
    /// First physical address.
    pub phys: u64,
    /// Bytes: 4 KiB, 2 MiB, 1 GiB, 512 GiB or 256 TiB; with Svnapot also 64 KiB.
    pub size: u64,
    /// The entry's flags.
    pub flags: Flags,
    /// The memory type that the entry states, on a part where entries do.
    pub memory: Option<MemoryType>,
    /// The physical address of the entry itself; of 16, that of the first.
    pub entry: u64,
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { virt, phys, size, flags, memory, entry } = self;
        write!(f, "{virt:#x} -> {phys:#x}, {size:#x} bytes, {flags}, ")?;
        if let Some(memory) = memory {
            write!(f, "memory type {memory}, ")?;
        }
        write!(f, "entry at {entry:#x}")
    }
}

impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Leaf({self})")
    }
}
