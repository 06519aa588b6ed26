//! Operands: all kinds of values, close to the limits of the formats and of each other.

use super::reference::Precision;

/// A sequence of operands, the same in each run.
pub(crate) struct Values {
    state: u64,
    precision: Precision,
}

impl Values {
    pub(crate) fn new(precision: Precision) -> Self {
        Self { state: 0x1234_5678_9abc_def1, precision }
    }

    pub(crate) fn word(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Returns the bits of a value, or of a NaN.
    pub(crate) fn next(&mut self) -> u64 {
        let Precision { significand, width } = self.precision;
        let (draw, digits) = (self.word(), self.word());
        let exponents = 1_u64 << (width - significand);
        let fraction = (1_u64 << (significand - 1)) - 1;
        let bias = exponents / 2 - 1;
        let field = match draw >> 8 & 7 {
            0 => 0,
            1 => exponents - 1,
            2 => exponents - 2 - (draw >> 16 & 3),
            3 => 1 + (draw >> 16 & 3),
            // Products of these are subnormal or nearly so.
            4 => bias / 2 + (draw >> 16 & 31),
            5 => bias - 3 + (draw >> 16 & 7),
            6 => bias + (draw >> 16 & 127),
            _ => draw >> 16 & (exponents - 1),
        };
        let digits = match draw >> 32 & 7 {
            0 => 0,
            1 => fraction,
            2 => 1 << ((draw >> 40) % (significand - 1)),
            3 => digits & 7,
            4 => fraction ^ digits & 7,
            _ => digits,
        };
        (draw & 1) << (width - 1) | (field % exponents) << (significand - 1) | digits & fraction
    }
}
