//! The registers that pass arguments.

/// The floating-point registers that pass arguments (`e_flags`, psABI "File Header").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloatAbi {
    /// None: lp64.
    Soft,
    /// Single precision: lp64f.
    Single,
    /// Double precision: lp64d.
    Double,
}

impl FloatAbi {
    /// The bits of `e_flags` that say how arguments are passed: the floating-point ABI, and RVE.
    pub(crate) const FLAGS: u32 = 0x6 | 0x8;

    /// Returns that of code for the target of this build: double precision for `riscv64gc-…`, none
    /// for Rust's other targets of bare-metal RISC-V 64. A kernel for a target of its own names its
    /// ABI itself.
    #[must_use]
    pub const fn of_target() -> Self {
        if has_prefix(env!("LANDFALL_TARGET").as_bytes(), b"riscv64g") { Self::Double } else { Self::Soft }
    }

    pub(crate) const fn flags(self) -> u32 {
        match self {
            Self::Soft => 0,
            Self::Single => 2,
            Self::Double => 4,
        }
    }
}

const fn has_prefix(text: &[u8], prefix: &[u8]) -> bool {
    match (text, prefix) {
        (_, []) => true,
        ([first, rest @ ..], [wanted, more @ ..]) => *first == *wanted && has_prefix(rest, more),
        ([], _) => false,
    }
}
