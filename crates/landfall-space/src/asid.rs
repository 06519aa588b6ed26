//! The number of an address space.

/// The number by which a hart distinguishes the translations of one address space from those of
/// others (privileged specification, `satp`). 0 belongs to the kernel's own root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asid(pub(crate) u16);

impl Asid {
    /// The kernel's own. Without ASIDs in the harts all address spaces have it.
    pub const KERNEL: Self = Self(0);

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}
