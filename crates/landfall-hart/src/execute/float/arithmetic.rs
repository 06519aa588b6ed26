//! Sums, products, quotients, and sums of products.

use rustc_apfloat::{ExpInt, Round, StatusAnd};

use super::format::{Format, Rounded, flag};

/// An exponent that takes results out of the range of underflow or overflow, and their operands not
/// into the other.
const SCALE: ExpInt = 64;

/// Returns the sum.
pub(super) fn add<F: Format>(a: u64, b: u64, round: Round) -> Rounded {
    if F::is_nan_bits(a) || F::is_nan_bits(b) {
        return Rounded::nan::<F>(&[a, b]);
    }
    let (a, b) = (F::value(a), F::value(b));
    flagged(a.add_r(b, round), |scale| scaled(a, scale).add_r(scaled(b, scale), round))
}

/// Returns the product.
pub(super) fn multiply<F: Format>(a: u64, b: u64, round: Round) -> Rounded {
    if F::is_nan_bits(a) || F::is_nan_bits(b) {
        return Rounded::nan::<F>(&[a, b]);
    }
    let (a, b) = (F::value(a), F::value(b));
    flagged(a.mul_r(b, round), |scale| {
        let (a, b) = factors(a, b, scale);
        a.mul_r(b, round)
    })
}

/// Returns the quotient.
pub(super) fn divide<F: Format>(a: u64, b: u64, round: Round) -> Rounded {
    if F::is_nan_bits(a) || F::is_nan_bits(b) {
        return Rounded::nan::<F>(&[a, b]);
    }
    let (a, b) = (F::value(a), F::value(b));
    flagged(a.div_r(b, round), |scale| scaled(a, scale).div_r(b, round))
}

/// Returns `a * b + c`, rounded once.
pub(super) fn multiply_add<F: Format>(a: u64, b: u64, c: u64, round: Round) -> Rounded {
    let product_is_invalid = {
        let (a, b) = (F::value(a), F::value(b));
        a.is_infinite() && b.is_zero() || a.is_zero() && b.is_infinite()
    };
    if product_is_invalid {
        // Even if the addend is a quiet NaN.
        return Rounded::invalid::<F>();
    }
    if [a, b, c].into_iter().any(F::is_nan_bits) {
        return Rounded::nan::<F>(&[a, b, c]);
    }
    let (a, b, c) = (F::value(a), F::value(b), F::value(c));
    flagged(a.mul_add_r(b, c, round), |scale| {
        let (a, b) = factors(a, b, scale);
        a.mul_add_r(b, scaled(c, scale), round)
    })
}

/// Returns two factors whose product is scaled: the smaller is scaled up, or the larger down.
fn factors<F: Format>(a: F, b: F, scale: ExpInt) -> (F, F) {
    let (smaller, larger) = if a.abs() < b.abs() { (a, b) } else { (b, a) };
    if scale > 0 { (scaled(smaller, scale), larger) } else { (smaller, scaled(larger, scale)) }
}

/// Returns a value times 2 to the `scale`.
///
/// A value that becomes too small keeps its sign and does not become 0. It is negligible beside
/// another one, and only has to make the result inexact.
pub(super) fn scaled<F: Format>(value: F, scale: ExpInt) -> F {
    let away = if value.is_negative() { Round::TowardNegative } else { Round::TowardPositive };
    value.scalbn_r(scale, away)
}

/// Returns a result with the flags that RISC-V raises.
///
/// A result underflows or overflows by its value after rounding with an unbounded exponent. The
/// library looks at the result after rounding within its range. So the two may differ if that is
/// the smallest normal number or the largest number. Then `operation`, with the exact result times
/// a power of 2, decides.
pub(super) fn flagged<F: Format>(
    result: StatusAnd<F>,
    operation: impl Fn(ExpInt) -> StatusAnd<F>,
) -> Rounded {
    let (smallest, largest) = (F::smallest_normalized(), F::largest());
    let mut rounded = Rounded::new(result);
    let magnitude = result.value.abs();
    if rounded.flags != flag::INEXACT {
        return rounded;
    }
    let magnitude_scaled = |scale| operation(scale).value.abs();
    if magnitude.bitwise_eq(smallest) && magnitude_scaled(SCALE) < smallest.scalbn(SCALE) {
        rounded.flags |= flag::UNDERFLOW;
    } else if magnitude.bitwise_eq(largest) && magnitude_scaled(-SCALE) > largest.scalbn(-SCALE) {
        rounded.flags |= flag::OVERFLOW;
    }
    rounded
}
