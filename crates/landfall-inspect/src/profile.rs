//! Kernels that are known.

/// A kernel whose early code and whose accepted findings are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// What the file itself tells.
    #[default]
    None,
    /// Linux for RISC-V.
    Linux,
}
