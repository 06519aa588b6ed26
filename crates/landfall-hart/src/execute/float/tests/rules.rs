//! Rules of the specification about NaNs, zeros, boxes, comparisons and classes.

use rustc_apfloat::Round;
use rustc_apfloat::ieee::{Double, Single};

use super::Outcome;
use crate::execute::float::{arithmetic, compare, root};

const INVALID: u64 = 16;
const NAN: u64 = 0x7fc0_0000;
const SIGNALING: u64 = 0x7f80_0001;
const PAYLOAD: u64 = 0xffc1_2345;
const INFINITY: u64 = 0x7f80_0000;
const MINUS: u64 = 0x8000_0000;
const ONE: u64 = 0x3f80_0000;
const TWO: u64 = 0x4000_0000;

fn outcome(rounded: impl Into<Outcome>) -> Outcome {
    rounded.into()
}

#[test]
fn a_nan_result_is_the_canonical_one_without_its_operands_payload() {
    let add = |a, b| outcome(arithmetic::add::<Single>(a, b, Round::NearestTiesToEven));
    assert_eq!(add(PAYLOAD, ONE), (NAN, 0));
    assert_eq!(add(ONE, SIGNALING), (NAN, INVALID));
    assert_eq!(add(INFINITY, INFINITY | MINUS), (NAN, INVALID));
}

#[test]
fn infinity_times_zero_is_invalid_even_if_the_addend_is_a_quiet_nan() {
    let fused = |a, b, c| outcome(arithmetic::multiply_add::<Single>(a, b, c, Round::NearestTiesToEven));
    assert_eq!(fused(INFINITY, 0, PAYLOAD), (NAN, INVALID));
    assert_eq!(fused(MINUS, INFINITY, ONE), (NAN, INVALID));
    assert_eq!(fused(ONE, ONE, PAYLOAD), (NAN, 0));
}

#[test]
fn minimum_and_maximum_prefer_numbers_and_order_zeros_by_sign() {
    let min = |a, b| outcome(compare::smaller::<Single>(a, b));
    let max = |a, b| outcome(compare::larger::<Single>(a, b));
    assert_eq!([min(ONE, TWO), min(TWO, ONE)], [(ONE, 0); 2]);
    assert_eq!([max(ONE, TWO), max(TWO, ONE)], [(TWO, 0); 2]);
    assert_eq!(min(ONE | MINUS, TWO | MINUS), (TWO | MINUS, 0));
    assert_eq!([min(0, MINUS), min(MINUS, 0)], [(MINUS, 0); 2]);
    assert_eq!([max(0, MINUS), max(MINUS, 0)], [(0, 0); 2]);
    assert_eq!([min(PAYLOAD, ONE), max(ONE, PAYLOAD)], [(ONE, 0); 2]);
    assert_eq!([min(SIGNALING, ONE), max(ONE, SIGNALING)], [(ONE, INVALID); 2]);
    assert_eq!([min(PAYLOAD, PAYLOAD), max(PAYLOAD, NAN)], [(NAN, 0); 2]);
}

#[test]
fn equality_is_quiet_and_order_is_signaling() {
    let all = |a, b| {
        [
            outcome(compare::equal::<Single>(a, b)),
            outcome(compare::less::<Single>(a, b)),
            outcome(compare::less_or_equal::<Single>(a, b)),
        ]
    };
    assert_eq!(all(ONE, TWO), [(0, 0), (1, 0), (1, 0)]);
    assert_eq!(all(TWO, ONE), [(0, 0), (0, 0), (0, 0)]);
    assert_eq!(all(0, MINUS), [(1, 0), (0, 0), (1, 0)]);
    assert_eq!(all(NAN, ONE), [(0, 0), (0, INVALID), (0, INVALID)]);
    assert_eq!(all(ONE, SIGNALING), [(0, INVALID), (0, INVALID), (0, INVALID)]);
}

#[test]
fn each_class_has_its_bit() {
    let classes = [INFINITY | MINUS, ONE | MINUS, 1 | MINUS, MINUS, 0, 1, ONE, INFINITY, SIGNALING, PAYLOAD];
    for (bit, value) in classes.into_iter().enumerate() {
        assert_eq!(compare::class::<Single>(value), 1 << bit, "{value:#x}");
    }
    assert_eq!(compare::class::<Double>(0x800f_ffff_ffff_ffff), 1 << 2);
    assert_eq!(compare::class::<Double>(0x7ff0_0000_0000_0001), 1 << 8);
}

#[test]
fn roots_of_zeros_keep_their_sign_and_those_of_negative_numbers_are_invalid() {
    let root = |a| outcome(root::square_root::<Single>(a, Round::NearestTiesToEven));
    assert_eq!([root(0), root(MINUS), root(INFINITY)], [(0, 0), (MINUS, 0), (INFINITY, 0)]);
    assert_eq!([root(ONE | MINUS), root(INFINITY | MINUS)], [(NAN, INVALID); 2]);
}

/// Both exact products are just below the smallest normal number, and round to it. The first has an
/// exact neighbor in single precision with an unbounded exponent; the second rounds to that number.
#[test]
fn a_result_is_tiny_by_its_value_after_rounding_with_an_unbounded_exponent() {
    let product = |a, b| outcome(arithmetic::multiply::<Single>(a, b, Round::NearestTiesToEven));
    let smallest = 0x0080_0000;
    // (1 + 2^-12) * (1 - 2^-12) = 1 - 2^-24, and (1 + 2^-23) * (1 - 2^-23) = 1 - 2^-46.
    assert_eq!(product(0x3f80_0800, 0x007f_f800), (smallest, 3));
    assert_eq!(product(0x0080_0001, 0x3f7f_fffe), (smallest, 1));
}

/// The exact sums lie between the largest number and twice its exponent, and beyond.
#[test]
fn a_result_overflows_by_its_value_after_rounding_with_an_unbounded_exponent() {
    let largest = 0x7f7f_ffff;
    let sum = |b| outcome(arithmetic::add::<Single>(largest, b, Round::TowardZero));
    // Half of the last place, and the last place.
    assert_eq!(sum(0x7300_0000), (largest, 1));
    assert_eq!(sum(0x7380_0000), (largest, 5));
    assert_eq!(sum(1), (largest, 1));
}
