//! The oracle: IEEE 754 by numbers of any size. It shares no code with what it judges.
//!
//! An operation's exact result is rounded once.

use num_bigint::{BigInt, BigUint, Sign};

use super::Outcome;
use super::exact::Value::{self, Infinity, Nan, Number, Zero};
use super::exact::{is_negative, multiple, product, sum};

/// A rounding mode, as `frm` encodes it.
pub(crate) const MODES: [u8; 5] = [0, 1, 2, 3, 4];

const INEXACT: u64 = 1;
const UNDERFLOW: u64 = 2;
const OVERFLOW: u64 = 4;
const DIVISION: u64 = 8;
const INVALID: u64 = 16;

/// A precision: the bits of the significand and of a value.
#[derive(Clone, Copy)]
pub(crate) struct Precision {
    pub(crate) significand: u64,
    pub(crate) width: u64,
}

pub(crate) const SINGLE: Precision = Precision { significand: 24, width: 32 };
pub(crate) const DOUBLE: Precision = Precision { significand: 53, width: 64 };

impl Precision {
    fn exponent_bits(self) -> u64 {
        self.width - self.significand
    }

    fn bias(self) -> i64 {
        (1 << (self.exponent_bits() - 1)) - 1
    }

    /// The exponent of the last bit of a subnormal number.
    fn least(self) -> i64 {
        2 - self.bias() - self.significand.cast_signed()
    }

    fn sign(self, negative: bool) -> u64 {
        u64::from(negative) << (self.width - 1)
    }

    fn infinity(self, negative: bool) -> u64 {
        self.sign(negative) | ((1 << self.exponent_bits()) - 1) << (self.significand - 1)
    }

    fn nan(self) -> u64 {
        self.infinity(false) | 1 << (self.significand - 2)
    }

    fn value(self, bits: u64) -> Value {
        let negative = bits >> (self.width - 1) & 1 != 0;
        let fraction = bits & ((1 << (self.significand - 1)) - 1);
        let field = bits >> (self.significand - 1) & ((1 << self.exponent_bits()) - 1);
        if field == (1 << self.exponent_bits()) - 1 {
            return match fraction {
                0 => Infinity { negative },
                _ => Nan { signaling: fraction >> (self.significand - 2) == 0 },
            };
        }
        let (integer, exponent) = match field {
            0 => (fraction, self.least()),
            _ => (fraction | 1 << (self.significand - 1), self.least() + field.cast_signed() - 1),
        };
        if integer == 0 {
            Zero { negative }
        } else {
            Number { negative, integer: integer.into(), exponent, sticky: false }
        }
    }

    /// Rounds a value to this precision.
    fn round(self, value: &Value, mode: u8) -> Outcome {
        let (negative, integer, exponent, sticky) = match value {
            Nan { signaling } => return (self.nan(), if *signaling { INVALID } else { 0 }),
            Infinity { negative } => return (self.infinity(*negative), 0),
            Zero { negative } => return (self.sign(*negative), 0),
            Number { negative, integer, exponent, sticky } => (*negative, integer, *exponent, *sticky),
        };
        let top = integer.bits().cast_signed() + exponent;
        let free = top - self.significand.cast_signed();
        let (unbounded, _) = multiple(negative, integer, exponent, sticky, free, mode);
        let smallest_normal = self.least() + self.significand.cast_signed() - 1;
        let tiny = unbounded.bits().cast_signed() + free <= smallest_normal;
        let last = free.max(self.least());
        let (mut rounded, inexact) = multiple(negative, integer, exponent, sticky, last, mode);
        let mut field = last - self.least() + 1;
        if rounded.bits() > self.significand {
            rounded >>= 1;
            field += 1;
        } else if rounded.bits() < self.significand {
            // Subnormal, or zero.
            field = 0;
        }
        if field >= (1 << self.exponent_bits()) - 1 {
            let away = match mode {
                1 => false,
                2 => negative,
                3 => !negative,
                _ => true,
            };
            let infinity = self.infinity(negative);
            return (if away { infinity } else { infinity - 1 }, OVERFLOW | INEXACT);
        }
        let digits =
            u64::try_from(&rounded).expect("it has 53 bits at most") & !(1 << (self.significand - 1));
        let bits = self.sign(negative) | field.cast_unsigned() << (self.significand - 1) | digits;
        (bits, if inexact { INEXACT | if tiny { UNDERFLOW } else { 0 } } else { 0 })
    }

    pub(crate) fn multiply_add(self, a: u64, b: u64, c: u64, mode: u8) -> Outcome {
        let (a, b, c) = (self.value(a), self.value(b), self.value(c));
        let product = product(&a, &b);
        let Some(product) = product else { return (self.nan(), INVALID) };
        self.combine(&[&a, &b, &c], sum(&product, &c, mode), mode)
    }

    pub(crate) fn multiply(self, a: u64, b: u64, mode: u8) -> Outcome {
        let (a, b) = (self.value(a), self.value(b));
        self.combine(&[&a, &b], product(&a, &b), mode)
    }

    pub(crate) fn add(self, a: u64, b: u64, mode: u8) -> Outcome {
        let (a, b) = (self.value(a), self.value(b));
        self.combine(&[&a, &b], sum(&a, &b, mode), mode)
    }

    pub(crate) fn divide(self, a: u64, b: u64, mode: u8) -> Outcome {
        let (a, b) = (self.value(a), self.value(b));
        let negative = is_negative(&a) != is_negative(&b);
        let quotient = match (&a, &b) {
            (Nan { .. }, _) | (_, Nan { .. }) => Some(Nan { signaling: false }),
            (Infinity { .. }, Infinity { .. }) | (Zero { .. }, Zero { .. }) => None,
            (Infinity { .. }, _) => Some(Infinity { negative }),
            (Number { .. }, Zero { .. }) => return (self.infinity(negative), DIVISION),
            (Zero { .. }, _) | (_, Infinity { .. }) => Some(Zero { negative }),
            (Number { integer, exponent, .. }, Number { integer: divisor, exponent: divided, .. }) => {
                let shifted: BigUint = integer << 200;
                let sticky = &shifted % divisor != BigUint::ZERO;
                let integer = shifted / divisor;
                Some(Number { negative, integer, exponent: exponent - divided - 200, sticky })
            }
        };
        self.combine(&[&a, &b], quotient, mode)
    }

    pub(crate) fn root(self, a: u64, mode: u8) -> Outcome {
        let a = self.value(a);
        let root = match &a {
            Number { negative: true, .. } | Infinity { negative: true } => None,
            Number { integer, exponent, .. } => {
                let shift = 200 + (exponent & 1);
                let shifted: BigUint = integer << shift;
                let integer = shifted.sqrt();
                let sticky = &integer * &integer != shifted;
                Some(Number { negative: false, integer, exponent: (exponent - shift) / 2, sticky })
            }
            other => Some(other.clone()),
        };
        self.combine(&[&a], root, mode)
    }

    /// Returns the bits in another precision.
    pub(crate) fn converted(self, to: Self, a: u64, mode: u8) -> Outcome {
        let a = self.value(a);
        to.combine(&[&a], Some(a.clone()), mode)
    }

    pub(crate) fn of_integer(self, integer: i128, mode: u8) -> Outcome {
        let (negative, integer) = (integer < 0, BigUint::from(integer.unsigned_abs()));
        let value = if integer == BigUint::ZERO {
            Zero { negative: false }
        } else {
            Number { negative, integer, exponent: 0, sticky: false }
        };
        self.round(&value, mode)
    }

    pub(crate) fn to_integer(self, a: u64, min: i128, max: i128, mode: u8) -> (i128, u64) {
        let (negative, integer, exponent) = match self.value(a) {
            Nan { .. } | Infinity { negative: false } => return (max, INVALID),
            Infinity { .. } => return (min, INVALID),
            Zero { .. } => return (0, 0),
            Number { negative, integer, exponent, .. } => (negative, integer, exponent),
        };
        let (magnitude, inexact) = multiple(negative, &integer, exponent, false, 0, mode);
        let rounded = BigInt::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, magnitude);
        match i128::try_from(&rounded) {
            Ok(result) if result >= min && result <= max => (result, u64::from(inexact)),
            _ => (if negative { min } else { max }, INVALID),
        }
    }

    fn combine(self, operands: &[&Value], result: Option<Value>, mode: u8) -> Outcome {
        if operands.iter().any(|value| matches!(value, Nan { .. })) {
            let invalid = operands.iter().any(|value| matches!(value, Nan { signaling: true }));
            return (self.nan(), if invalid { INVALID } else { 0 });
        }
        result.map_or((self.nan(), INVALID), |result| self.round(&result, mode))
    }
}
