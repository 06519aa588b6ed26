//! Floating point, judged by numbers of any size and by the host's hardware.

mod exact;
mod hardware;
mod reference;
mod rules;
mod values;

use rustc_apfloat::Round;
use rustc_apfloat::ieee::{Double, Single};

use self::reference::{DOUBLE, MODES, Precision, SINGLE};
use self::values::Values;
use super::format::{Format, Rounded};
use super::{arithmetic, convert, root};

/// The bits and the flags of a result.
type Outcome = (u64, u64);

impl From<Rounded> for Outcome {
    fn from(rounded: Rounded) -> Self {
        (rounded.bits, rounded.flags)
    }
}

const ROUNDS: usize = 40_000;

fn round(mode: u8) -> Round {
    super::direction(mode.into()).expect("a mode")
}

/// Compares an operation with the oracle's, for operands of a precision in each mode.
fn compare(
    precision: Precision,
    ours: impl Fn([u64; 3], u8) -> Outcome,
    theirs: impl Fn([u64; 3], u8) -> Outcome,
) {
    let mut values = Values::new(precision);
    for _ in 0..ROUNDS {
        let operands = [values.next(), values.next(), values.next()];
        for mode in MODES {
            let (ours, theirs) = (ours(operands, mode), theirs(operands, mode));
            assert_eq!(ours, theirs, "{operands:x?} in mode {mode}: ({ours:x?}, {theirs:x?})");
        }
    }
}

fn arithmetic_agrees<F: Format>(precision: Precision) {
    compare(
        precision,
        |[a, b, _], mode| arithmetic::add::<F>(a, b, round(mode)).into(),
        |[a, b, _], mode| precision.add(a, b, mode),
    );
    compare(
        precision,
        |[a, b, _], mode| arithmetic::multiply::<F>(a, b, round(mode)).into(),
        |[a, b, _], mode| precision.multiply(a, b, mode),
    );
    compare(
        precision,
        |[a, b, _], mode| arithmetic::divide::<F>(a, b, round(mode)).into(),
        |[a, b, _], mode| precision.divide(a, b, mode),
    );
    compare(
        precision,
        |[a, b, c], mode| arithmetic::multiply_add::<F>(a, b, c, round(mode)).into(),
        |[a, b, c], mode| precision.multiply_add(a, b, c, mode),
    );
    compare(
        precision,
        |[a, ..], mode| root::square_root::<F>(a, round(mode)).into(),
        |[a, ..], mode| precision.root(a, mode),
    );
}

#[test]
fn single_arithmetic_equals_exact_arithmetic_rounded_once() {
    arithmetic_agrees::<Single>(SINGLE);
}

#[test]
fn double_arithmetic_equals_exact_arithmetic_rounded_once() {
    arithmetic_agrees::<Double>(DOUBLE);
}

/// The addend cancels the product or nearly so, which random operands seldom do.
#[test]
fn a_sum_of_products_is_rounded_once_even_if_it_cancels() {
    fn agrees<F: Format>(precision: Precision) {
        let mut values = Values::new(precision);
        for _ in 0..ROUNDS {
            let (a, b) = (values.next(), values.next());
            let product = precision.multiply(a, b, 0).0;
            let c = (product ^ F::SIGN).wrapping_add(values.word() & 3).wrapping_sub(1) & F::MASK;
            for mode in MODES {
                let ours: Outcome = arithmetic::multiply_add::<F>(a, b, c, round(mode)).into();
                let theirs = precision.multiply_add(a, b, c, mode);
                assert_eq!(ours, theirs, "{a:#x} {b:#x} {c:#x} in mode {mode}");
            }
        }
    }
    agrees::<Single>(SINGLE);
    agrees::<Double>(DOUBLE);
}

#[test]
fn conversions_between_precisions_equal_those_of_exact_values() {
    compare(
        SINGLE,
        |[a, ..], mode| convert::precision::<Single, Double>(a, round(mode)).into(),
        |[a, ..], mode| SINGLE.converted(DOUBLE, a, mode),
    );
    compare(
        DOUBLE,
        |[a, ..], mode| convert::precision::<Double, Single>(a, round(mode)).into(),
        |[a, ..], mode| DOUBLE.converted(SINGLE, a, mode),
    );
    // Doubles close to the limits of single precision.
    let mut values = Values::new(SINGLE);
    for _ in 0..ROUNDS {
        let wide = SINGLE.converted(DOUBLE, values.next(), 0).0;
        let a = wide ^ values.word() & 0x7fff_ffff;
        for mode in MODES {
            let ours: Outcome = convert::precision::<Double, Single>(a, round(mode)).into();
            assert_eq!(ours, DOUBLE.converted(SINGLE, a, mode), "{a:#x} in mode {mode}");
        }
    }
}

#[test]
fn conversions_to_and_from_integers_equal_those_of_exact_values() {
    const BOUNDS: [(i128, i128); 4] = [
        (i32::MIN as i128, i32::MAX as i128),
        (0, u32::MAX as i128),
        (i64::MIN as i128, i64::MAX as i128),
        (0, u64::MAX as i128),
    ];
    fn agrees<F: Format>(precision: Precision) {
        for (min, max) in BOUNDS {
            compare(
                precision,
                |[a, ..], mode| convert::to_integer::<F>(a, min, max, round(mode)).into(),
                |[a, ..], mode| {
                    let (integer, flags) = precision.to_integer(a, min, max, mode);
                    (integer.cast_unsigned() as u64, flags)
                },
            );
            compare(
                precision,
                |[a, b, _], mode| convert::from_integer::<F>(within(a, b, min, max), round(mode)).into(),
                |[a, b, _], mode| precision.of_integer(within(a, b, min, max), mode),
            );
        }
    }
    agrees::<Single>(SINGLE);
    agrees::<Double>(DOUBLE);
}

/// Returns an integer of any number of bits within bounds.
fn within(a: u64, b: u64, min: i128, max: i128) -> i128 {
    let integer = i128::from(a.rotate_left(17) ^ b) >> (b >> 5 & 63);
    (integer * if min < 0 && b & 1 == 0 { -1 } else { 1 }).clamp(min, max)
}
