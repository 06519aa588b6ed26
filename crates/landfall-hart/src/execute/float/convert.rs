//! Conversions.

use rustc_apfloat::{FloatConvert, Round, Status};

use super::arithmetic::{flagged, scaled};
use super::format::{Format, Rounded, flag};

/// Returns a number of the precision `F`.
pub(super) fn from_integer<F: Format>(value: i128, round: Round) -> Rounded {
    Rounded::new(F::from_i128_r(value, round))
}

/// Returns the integer next to a value, or the nearest bound if it is outside of `min` to `max`.
///
/// A NaN becomes `max`. Both are invalid.
pub(super) fn to_integer<F: Format>(bits: u64, min: i128, max: i128, round: Round) -> Rounded {
    let value = F::value(bits);
    let invalid = |bound: i128| Rounded { bits: bound.cast_unsigned() as u64, flags: flag::INVALID };
    if value.is_nan() {
        return invalid(max);
    }
    let mut exact = false;
    let result = value.to_i128_r(128, round, &mut exact);
    if result.status.contains(Status::INVALID_OP) {
        invalid(if value.is_negative() { min } else { max })
    } else if result.value < min {
        invalid(min)
    } else if result.value > max {
        invalid(max)
    } else {
        let flags = if result.status.contains(Status::INEXACT) { flag::INEXACT } else { 0 };
        Rounded { bits: result.value.cast_unsigned() as u64, flags }
    }
}

/// Returns a value in another precision.
pub(super) fn precision<From: Format + FloatConvert<To>, To: Format>(bits: u64, round: Round) -> Rounded {
    if From::is_nan_bits(bits) {
        let signaling = Rounded::nan::<From>(&[bits]).flags;
        return Rounded { bits: To::canonical_nan(), flags: signaling };
    }
    let value = From::value(bits);
    let convert = |value: From| value.convert_r(round, &mut false);
    flagged(convert(value), |scale| convert(scaled(value, scale)))
}
