//! The two precisions, and results with their flags.

use rustc_apfloat::ieee::{Double, Single};
use rustc_apfloat::{Float, Status, StatusAnd};

/// Flags of `fcsr`.
pub(super) mod flag {
    pub(crate) const INEXACT: u64 = 1;
    pub(crate) const UNDERFLOW: u64 = 2;
    pub(crate) const OVERFLOW: u64 = 4;
    pub(crate) const DIVISION_BY_ZERO: u64 = 8;
    pub(crate) const INVALID: u64 = 16;
    pub(crate) const ALL: u64 = 31;
}

/// A precision.
pub(super) trait Format: Float {
    /// The number of bits of a value.
    const WIDTH: u32;
    /// The number of bits of the fraction.
    const FRACTION: u32;
    /// All bits of a value.
    const MASK: u64 = u64::MAX >> (64 - Self::WIDTH);
    /// The bit of the sign.
    const SIGN: u64 = 1 << (Self::WIDTH - 1);
    /// The exponent of infinities and NaNs, in place. It is also the infinity.
    const INFINITE: u64 = (Self::SIGN - 1) & !((1 << Self::FRACTION) - 1);
    /// The bit that is set in a quiet NaN.
    const QUIET: u64 = 1 << (Self::FRACTION - 1);

    /// Returns the value with the bits.
    fn value(bits: u64) -> Self {
        Self::from_bits(bits.into())
    }

    /// Returns the value's bits; any NaN becomes the canonical one.
    fn bits(self) -> u64 {
        if self.is_nan() { Self::canonical_nan() } else { self.to_bits() as u64 }
    }

    /// Returns the NaN that operations return.
    fn canonical_nan() -> u64 {
        Self::INFINITE | Self::QUIET
    }

    /// Returns true for a NaN.
    fn is_nan_bits(bits: u64) -> bool {
        bits & !Self::SIGN > Self::INFINITE
    }

    /// Returns true for a signaling NaN.
    fn is_signaling_bits(bits: u64) -> bool {
        Self::is_nan_bits(bits) && bits & Self::QUIET == 0
    }
}

impl Format for Single {
    const WIDTH: u32 = 32;
    const FRACTION: u32 = 23;
}

impl Format for Double {
    const WIDTH: u32 = 64;
    const FRACTION: u32 = 52;
}

/// The bits of a result, and the flags that it raises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rounded {
    /// The bits, not boxed.
    pub(super) bits: u64,
    /// The flags of `fcsr`.
    pub(super) flags: u64,
}

impl Rounded {
    /// Returns a result without flags.
    pub(super) const fn exact(bits: u64) -> Self {
        Self { bits, flags: 0 }
    }

    /// Returns the result of an operation with a NaN among its operands: the canonical NaN.
    pub(super) fn nan<F: Format>(operands: &[u64]) -> Self {
        let signaling = operands.iter().any(|&bits| F::is_signaling_bits(bits));
        Self { bits: F::canonical_nan(), flags: if signaling { flag::INVALID } else { 0 } }
    }

    /// Returns the result of an invalid operation.
    pub(super) fn invalid<F: Format>() -> Self {
        Self { bits: F::canonical_nan(), flags: flag::INVALID }
    }

    /// Returns the result of the library's operation.
    pub(super) fn new<F: Format>(result: StatusAnd<F>) -> Self {
        let flags = [
            (Status::INVALID_OP, flag::INVALID),
            (Status::DIV_BY_ZERO, flag::DIVISION_BY_ZERO),
            (Status::OVERFLOW, flag::OVERFLOW),
            (Status::UNDERFLOW, flag::UNDERFLOW),
            (Status::INEXACT, flag::INEXACT),
        ];
        let raised = flags.iter().filter(|(status, _)| result.status.contains(*status));
        Self { bits: result.value.bits(), flags: raised.map(|(_, flag)| flag).sum() }
    }
}
