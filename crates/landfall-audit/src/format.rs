//! The format of a machine's entries: the extensions that give a meaning to further bits.

/// Extensions of a machine's entries. The default is what RVA23 requires, and no update of A and D.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Format {
    /// The meaning of bit 63 of leaves.
    pub napot: Napot,
    /// Memory types of leaves.
    pub types: Types,
    /// A and D.
    pub updates: Updates,
}

/// The meaning of N, bit 63 of a leaf.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Napot {
    /// It is reserved.
    Reserved,
    /// 16 leaves of 4 KiB map 64 KiB together (Svnapot).
    #[default]
    Svnapot,
}

/// The memory types that leaves state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Types {
    /// None: the bits are reserved.
    Reserved,
    /// Bits 62:61 (Svpbmt).
    #[default]
    Svpbmt,
    /// Bits 63:59, on T-Head's parts with `th.sxstatus.MAEE`. These have no Svnapot.
    Thead,
}

/// The effect of an access through a leaf whose A, or for a store D, is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Updates {
    /// A page fault (Svade).
    #[default]
    Fault,
    /// The hart sets the bit (Svadu).
    Hardware,
}
