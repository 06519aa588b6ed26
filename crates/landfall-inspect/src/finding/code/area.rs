//! The subject of a code.

/// The subject of a code: a part of the file, or a kind of check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// The boot header, which loaders read.
    Header,
    /// Landfall's own record behind the header.
    Record,
    /// The kernel's requirements on the landing.
    Policy,
    /// The addend of pointers when the kernel moves.
    Relocations,
    /// Names without a place that moves along.
    Symbols,
    /// The global offset table.
    Got,
    /// Segments.
    Memory,
    /// Instructions anywhere.
    Code,
    /// Code that runs before relocation, or between the last rebase and satp.
    Early,
    /// Constants that the landing patches into code.
    Sites,
    /// A module, which a kernel loads while it runs.
    Module,
}
