//! The square root, exactly.

use rustc_apfloat::{ExpInt, Round};

use super::format::{Format, Rounded};

/// Returns the square root.
pub(super) fn square_root<F: Format>(bits: u64, round: Round) -> Rounded {
    let value = F::value(bits);
    if value.is_nan() {
        return Rounded::nan::<F>(&[bits]);
    }
    if value.is_zero() || value.is_pos_infinity() {
        return Rounded::exact(bits);
    }
    if value.is_negative() {
        return Rounded::invalid::<F>();
    }
    let (significand, exponent) = split::<F>(bits);
    // The significand is shifted up so far that its root has more bits than any precision, and so
    // that the exponent is even.
    let zeros = significand.leading_zeros();
    let shift = zeros - (zeros.cast_signed() - exponent).rem_euclid(2).cast_unsigned();
    let radicand = significand << shift;
    let root = radicand.isqrt();
    // A last bit stands for all that the root lacks.
    let rest = u128::from(root * root != radicand);
    let result = F::from_u128_r(root << 1 | rest, round);
    let scale = (exponent - shift.cast_signed()) / 2 - 1;
    // Roots are far from the limits of the exponent, so this is exact.
    Rounded::new(result.map(|root| root.scalbn(scale)))
}

/// Returns the significand of a positive number, and the exponent of its last bit.
fn split<F: Format>(bits: u64) -> (u128, ExpInt) {
    let fraction = bits & ((1 << F::FRACTION) - 1);
    let exponent = (bits >> F::FRACTION) as ExpInt;
    let middle = (F::INFINITE >> (F::FRACTION + 1)) as ExpInt;
    let last = |exponent: ExpInt| exponent - middle - F::FRACTION.cast_signed();
    if exponent == 0 {
        (fraction.into(), last(1))
    } else {
        ((fraction | 1 << F::FRACTION).into(), last(exponent))
    }
}
