//! Page-table entries.
//!
//! Layout of Sv39 to Sv57 (privileged specification): V 0, R 1, W 2, X 3, U 4, G 5, A 6, D 7. RSW
//! is 9:8 and PPN 53:10. An entry with V and none of R, W, X points to the next table. N 63
//! (Svnapot) marks one of 16 entries that map 64 KiB together. PBMT 62:61 (Svpbmt) has the memory
//! type. T-Head parts give 63:59 a meaning of their own.
//!
//! RSW is for software. In an entry without V every other bit is: [`Unmapped`].

use crate::addr::PhysAddr;
use crate::label::Label;
use crate::leaf::LeafSize;

const V: u64 = 1 << 0;
const R: u64 = 1 << 1;
const W: u64 = 1 << 2;
const X: u64 = 1 << 3;
const U: u64 = 1 << 4;
const G: u64 = 1 << 5;
const A: u64 = 1 << 6;
const D: u64 = 1 << 7;
const RSW_SHIFT: u32 = 8;
const RSW: u64 = 0b11 << RSW_SHIFT;
const PPN: u64 = ((1 << 44) - 1) << 10;
/// Reserved, or for extensions.
const UPPER: u64 = u64::MAX << 54;
const N: u64 = 1 << 63;
/// The low bits of PPN that hold the size in an entry with N.
const NAPOT_SIZE: u64 = 0b1111 << 10;
/// 64 KiB there, the only size that is not reserved.
const NAPOT_64K: u64 = 0b1000 << 10;
/// T-Head's bits for ordinary memory: cacheable (62), bufferable (61), shareable (60). Without the
/// last, harts are not coherent.
const THEAD_MEMORY: u64 = 0b111 << 60;
/// T-Head's bits for devices: strongly ordered (63), shareable (60), neither cacheable nor
/// bufferable.
const THEAD_DEVICE: u64 = 0b1001 << 60;

/// T-Head's bits for memory that is not cached: bufferable and shareable.
const THEAD_UNCACHED: u64 = 0b011 << 60;
/// PBMT: non-cacheable, idempotent, weakly ordered memory.
const PBMT_NC: u64 = 0b01 << 61;
/// PBMT: non-cacheable, non-idempotent, strongly ordered device registers.
const PBMT_IO: u64 = 0b10 << 61;

/// Bits of leaves beyond the base specification, the same for all of a set of tables. T-Head's bits
/// take the place of Svnapot's and Svpbmt's, so no part has both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum LeafFormat {
    /// Nothing.
    #[default]
    Plain,
    /// 64 KiB leaves exist: every hart has Svnapot.
    Napot,
    /// Leaves state their memory type: every hart has Svpbmt.
    Svpbmt,
    /// Both of Svnapot and Svpbmt.
    NapotSvpbmt,
    /// T-Head C9xx with MAEE on: every leaf states its memory type (`th.sxstatus`, bit 21).
    Thead,
}

impl LeafFormat {
    /// Returns true if leaves of 64 KiB exist.
    #[must_use]
    pub const fn has_napot(self) -> bool {
        matches!(self, Self::Napot | Self::NapotSvpbmt)
    }

    /// Returns true if a leaf can state another memory type than that of its physical address.
    #[must_use]
    pub const fn has_memory_types(self) -> bool {
        matches!(self, Self::Svpbmt | Self::NapotSvpbmt | Self::Thead)
    }

    /// Returns the format with Svpbmt besides. T-Head's stays as it is.
    #[must_use]
    pub const fn with_svpbmt(self) -> Self {
        match self {
            Self::Plain => Self::Svpbmt,
            Self::Napot => Self::NapotSvpbmt,
            _ => self,
        }
    }
}

/// The type of what a leaf maps. A format without memory types leaves it to the physical address
/// (its PMA).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MemoryType {
    /// As the physical address says (PMA): cacheable, if it is RAM.
    #[default]
    Ordinary,
    /// Memory that no hart caches (NC).
    Uncached,
    /// Registers of a device (IO): neither cached nor combined nor reordered.
    Device,
}

/// The supervisor's permissions for a mapping. No value is writable and executable at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// `R--`
    ReadOnly,
    /// `RW-`
    ReadWrite,
    /// `R-X`
    ReadExecute,
}

impl Access {
    const fn bits(self) -> u64 {
        match self {
            Self::ReadOnly => R,
            Self::ReadWrite => R | W,
            Self::ReadExecute => R | X,
        }
    }

    /// The name in reports: `R--`, `RW-` or `R-X`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "R--",
            Self::ReadWrite => "RW-",
            Self::ReadExecute => "R-X",
        }
    }
}

/// A page-table entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Entry(u64);

impl Entry {
    /// The entry that maps nothing.
    pub const INVALID: Self = Self(0);

    /// A leaf. A and D are preset: a hart without Svadu would fault on their first use
    /// (specification, section 12.3.1), and the kernel has no handler yet. G is set: the kernel's
    /// half is the same in every address space.
    #[must_use]
    pub const fn leaf(target: PhysAddr, access: Access) -> Self {
        Self(target.get() >> 12 << 10 & PPN | access.bits() | V | G | A | D)
    }

    /// The leaf, of `size`, as a part of this format wants it. For 64 KiB it stands 16 times.
    #[must_use]
    pub const fn formatted(self, format: LeafFormat, size: LeafSize) -> Self {
        match (format, size) {
            (LeafFormat::Thead, _) => Self(self.0 | THEAD_MEMORY),
            (LeafFormat::Napot | LeafFormat::NapotSvpbmt, LeafSize::K64) => Self(self.0 | N | NAPOT_64K),
            _ => self,
        }
    }

    /// Returns the leaf, which has its size's bits already, with this memory type. If page tables
    /// do not state memory types, the address itself has one (its PMA), and the leaf is unchanged.
    #[must_use]
    pub const fn of_type(self, memory: MemoryType, format: LeafFormat) -> Self {
        let bits = match (format, memory) {
            (LeafFormat::Thead, MemoryType::Ordinary) => THEAD_MEMORY,
            (LeafFormat::Thead, MemoryType::Uncached) => THEAD_UNCACHED,
            (LeafFormat::Thead, MemoryType::Device) => THEAD_DEVICE,
            (LeafFormat::Svpbmt | LeafFormat::NapotSvpbmt, MemoryType::Uncached) => self.0 & N | PBMT_NC,
            (LeafFormat::Svpbmt | LeafFormat::NapotSvpbmt, MemoryType::Device) => self.0 & N | PBMT_IO,
            _ => return self,
        };
        Self(self.0 & !UPPER | bits)
    }

    /// Returns the leaf for code of user space: U is set, and G is not, because each address space
    /// has its own.
    #[must_use]
    pub(crate) const fn for_user(self) -> Self {
        Self(self.0 & !G | U)
    }

    /// Returns the leaf with a label.
    #[must_use]
    pub const fn labelled(self, label: Label) -> Self {
        Self(self.0 & !RSW | (label.0 as u64) << RSW_SHIFT)
    }

    /// Returns the label of a leaf, or of an entry that keeps its addresses unmapped.
    #[must_use]
    pub const fn label(self) -> Label {
        Label((self.0 >> RSW_SHIFT & 0b11) as u8)
    }

    /// A pointer to the next table.
    #[must_use]
    pub const fn table(target: PhysAddr) -> Self {
        Self(target.get() >> 12 << 10 & PPN | V)
    }

    /// Returns the bits, as in memory.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The entry with these bits.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The entry after this one in a run of leaves that map `bytes` each.
    pub(crate) const fn step(bytes: u64) -> u64 {
        bytes >> 2
    }

    /// Returns true if the entry is valid.
    #[must_use]
    pub const fn is_valid(self) -> bool {
        self.0 & V != 0
    }

    /// Returns true if the entry, if valid, is a leaf.
    #[must_use]
    pub const fn is_leaf(self) -> bool {
        self.0 & (R | W | X) != 0
    }

    /// The physical address that the entry names.
    #[must_use]
    pub const fn target(self) -> PhysAddr {
        PhysAddr::new((self.0 & PPN) >> 10 << 12)
    }

    /// Returns true if the entry, in a table of level 0, is one of the 16 that map 64 KiB in
    /// [`LeafFormat::Napot`].
    #[must_use]
    pub const fn is_napot(self) -> bool {
        self.0 & (N | NAPOT_SIZE) == N | NAPOT_64K
    }

    /// The size of what the leaf maps, in a table whose entries map `by_level` each. `None` where
    /// it has bits that are reserved in this format, or lacks some that it must have.
    pub(crate) fn leaf_size(self, format: LeafFormat, by_level: LeafSize) -> Option<LeafSize> {
        let upper = self.0 & UPPER;
        let has_type = match format {
            LeafFormat::Plain | LeafFormat::Napot => upper & !N == 0,
            LeafFormat::Svpbmt | LeafFormat::NapotSvpbmt => matches!(upper & !N, 0 | PBMT_NC | PBMT_IO),
            LeafFormat::Thead => return is_thead_type(upper).then_some(by_level),
        };
        match (has_type, upper & N) {
            (true, 0) => Some(by_level),
            (true, _) if format.has_napot() && by_level == LeafSize::K4 && self.is_napot() => {
                Some(LeafSize::K64)
            }
            _ => None,
        }
    }

    /// Returns true if the entry, a pointer, has none of the bits that are reserved in pointers of
    /// any format.
    pub(crate) const fn is_sound_pointer(self) -> bool {
        self.0 & (UPPER | U | A | D) == 0
    }

    /// The access that a leaf gives, or `None` for bits that [`Entry::leaf`] never writes.
    #[must_use]
    pub const fn access(self) -> Option<Access> {
        match self.0 & (R | W | X) {
            R => Some(Access::ReadOnly),
            RW => Some(Access::ReadWrite),
            RX => Some(Access::ReadExecute),
            _ => None,
        }
    }
}

const RW: u64 = R | W;
const RX: u64 = R | X;

const fn is_thead_type(upper: u64) -> bool {
    matches!(upper, THEAD_MEMORY | THEAD_UNCACHED | THEAD_DEVICE)
}
