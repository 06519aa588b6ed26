//! Exact values, and operations on them.

use num_bigint::{BigInt, BigUint, Sign};

use Value::{Infinity, Nan, Number, Zero};

/// A value: a number is `integer` times 2 to the `exponent`, and more than that if `sticky`, by
/// less than one of the last bit.
#[derive(Clone)]
pub(crate) enum Value {
    Nan { signaling: bool },
    Infinity { negative: bool },
    Zero { negative: bool },
    Number { negative: bool, integer: BigUint, exponent: i64, sticky: bool },
}

/// Returns the sign; a NaN has none.
pub(crate) fn is_negative(value: &Value) -> bool {
    match value {
        Nan { .. } => false,
        Infinity { negative } | Zero { negative } | Number { negative, .. } => *negative,
    }
}

/// Returns a number as a multiple of 2 to the `last`, rounded, and true if that is inexact.
pub(crate) fn multiple(
    negative: bool,
    integer: &BigUint,
    exponent: i64,
    sticky: bool,
    last: i64,
    mode: u8,
) -> (BigUint, bool) {
    if exponent >= last {
        assert!(!sticky, "a number that is not whole needs more bits");
        return (integer << (exponent - last), false);
    }
    let shift = last - exponent;
    let down: BigUint = integer >> shift;
    let rest: BigUint = integer - (&down << shift);
    let inexact = sticky || rest != BigUint::ZERO;
    let half = BigUint::from(1_u32) << (shift - 1);
    let up = inexact
        && match mode {
            0 => rest > half || rest == half && (sticky || down.bit(0)),
            1 => false,
            2 => negative,
            3 => !negative,
            _ => rest >= half,
        };
    (down + u32::from(up), inexact)
}

/// Returns the product, or none if it is invalid.
pub(crate) fn product(a: &Value, b: &Value) -> Option<Value> {
    let negative = is_negative(a) != is_negative(b);
    Some(match (a, b) {
        (Infinity { .. }, Zero { .. }) | (Zero { .. }, Infinity { .. }) => return None,
        (Nan { .. }, _) | (_, Nan { .. }) => Nan { signaling: false },
        (Infinity { .. }, _) | (_, Infinity { .. }) => Infinity { negative },
        (Zero { .. }, _) | (_, Zero { .. }) => Zero { negative },
        (Number { integer: a, exponent: ea, .. }, Number { integer: b, exponent: eb, .. }) => {
            Number { negative, integer: a * b, exponent: ea + eb, sticky: false }
        }
    })
}

/// Returns the sum, or none if it is invalid.
pub(crate) fn sum(a: &Value, b: &Value, mode: u8) -> Option<Value> {
    let opposite = is_negative(a) != is_negative(b);
    // An exact zero of numbers with opposite signs is positive, but negative if rounded down.
    let zero = Zero { negative: if opposite { mode == 2 } else { is_negative(a) } };
    Some(match (a, b) {
        (Nan { .. }, _) | (_, Nan { .. }) => Nan { signaling: false },
        (Infinity { .. }, Infinity { .. }) if opposite => return None,
        (Zero { .. }, Zero { .. }) => zero,
        (Infinity { .. }, _) | (_, Zero { .. }) => a.clone(),
        (_, Infinity { .. }) | (Zero { .. }, _) => b.clone(),
        (Number { exponent: ea, .. }, Number { exponent: eb, .. }) => {
            let exponent = *ea.min(eb);
            let total = signed(a, exponent) + signed(b, exponent);
            match total.sign() {
                Sign::NoSign => zero,
                sign => Number {
                    negative: sign == Sign::Minus,
                    integer: total.into_parts().1,
                    exponent,
                    sticky: false,
                },
            }
        }
    })
}

/// Returns a number as a multiple of 2 to the `last`, which divides it.
fn signed(value: &Value, last: i64) -> BigInt {
    let Number { negative, integer, exponent, .. } = value else { unreachable!("it is a number") };
    let sign = if *negative { Sign::Minus } else { Sign::Plus };
    BigInt::from_biguint(sign, integer << (exponent - last))
}
