//! Comparisons, minimum and maximum, and classes.

use std::cmp::Ordering;

use super::format::{Format, Rounded, flag};

/// Returns 1 if the values are equal; only a signaling NaN is invalid.
pub(super) fn equal<F: Format>(a: u64, b: u64) -> Rounded {
    let flags = Rounded::nan::<F>(&[a, b]).flags;
    Rounded { bits: u64::from(F::value(a) == F::value(b)), flags }
}

/// Returns 1 if `a` is less than `b`; any NaN is invalid.
pub(super) fn less<F: Format>(a: u64, b: u64) -> Rounded {
    ordered::<F>(a, b, Ordering::is_lt)
}

/// Returns 1 if `a` is less than `b` or equal; any NaN is invalid.
pub(super) fn less_or_equal<F: Format>(a: u64, b: u64) -> Rounded {
    ordered::<F>(a, b, Ordering::is_le)
}

fn ordered<F: Format>(a: u64, b: u64, holds: impl FnOnce(Ordering) -> bool) -> Rounded {
    match F::value(a).partial_cmp(&F::value(b)) {
        Some(ordering) => Rounded::exact(u64::from(holds(ordering))),
        None => Rounded { bits: 0, flags: flag::INVALID },
    }
}

/// Returns the smaller value (IEEE 754-2019 minimumNumber).
pub(super) fn smaller<F: Format>(a: u64, b: u64) -> Rounded {
    select::<F>(a, b, Ordering::Less)
}

/// Returns the larger value (IEEE 754-2019 maximumNumber).
pub(super) fn larger<F: Format>(a: u64, b: u64) -> Rounded {
    select::<F>(a, b, Ordering::Greater)
}

/// Returns `a` if it is `wanted` than `b`, or `b`. A number wins over a NaN; -0 is less than 0.
fn select<F: Format>(a: u64, b: u64, wanted: Ordering) -> Rounded {
    let Rounded { bits: nan, flags } = Rounded::nan::<F>(&[a, b]);
    let bits = match (F::is_nan_bits(a), F::is_nan_bits(b)) {
        (true, true) => nan,
        (true, false) => b,
        (false, true) => a,
        (false, false) => {
            if key::<F>(a).cmp(&key::<F>(b)) == wanted {
                a
            } else {
                b
            }
        }
    };
    Rounded { bits, flags }
}

/// Returns a number in the order of the values that are no NaN.
fn key<F: Format>(bits: u64) -> i128 {
    let magnitude = i128::from(bits & !F::SIGN);
    if bits & F::SIGN == 0 { magnitude } else { -1 - magnitude }
}

/// Returns the mask of `fclass`, with one bit set.
pub(super) fn class<F: Format>(bits: u64) -> u64 {
    let value = F::value(bits);
    let negative = value.is_negative();
    let bit = if value.is_nan() {
        if F::is_signaling_bits(bits) { 8 } else { 9 }
    } else if value.is_infinite() {
        if negative { 0 } else { 7 }
    } else if value.is_zero() {
        if negative { 3 } else { 4 }
    } else if value.is_denormal() {
        if negative { 2 } else { 5 }
    } else if negative {
        1
    } else {
        6
    };
    1 << bit
}
