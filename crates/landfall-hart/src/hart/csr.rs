//! The CSRs of a hart.

/// The CSRs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Csrs {
    /// `sstatus`.
    pub(crate) sstatus: u64,
    /// `satp`.
    pub(crate) satp: u64,
}
