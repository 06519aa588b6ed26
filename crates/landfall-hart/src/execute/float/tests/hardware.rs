//! The host's hardware, which rounds to nearest, as a second oracle: of values, not of flags.

#![expect(
    clippy::cast_precision_loss,
    clippy::many_single_char_names,
    reason = "the host's conversions are the oracle; operands are a, b, c, and their values x, y, z"
)]

use std::hint::black_box;

use rustc_apfloat::Round;
use rustc_apfloat::ieee::{Double, Single};

use super::reference::{DOUBLE, SINGLE};
use super::values::Values;
use crate::execute::float::{arithmetic, convert, root};

const ROUNDS: usize = 200_000;
const NEAREST: Round = Round::NearestTiesToEven;

/// Returns the bits of the host's result; any NaN as the canonical one.
///
/// The compiler must not know where the value comes from. Otherwise LLVM decides by the operand
/// whether a square root is a NaN, and takes that of a negative number for none.
fn single(value: f32) -> u64 {
    let value = black_box(value);
    if value.is_nan() { 0x7fc0_0000 } else { value.to_bits().into() }
}

fn double(value: f64) -> u64 {
    let value = black_box(value);
    if value.is_nan() { 0x7ff8 << 48 } else { value.to_bits() }
}

#[test]
fn single_results_equal_the_hosts() {
    let mut values = Values::new(SINGLE);
    for _ in 0..ROUNDS {
        let [a, b, c] = [values.next(), values.next(), values.next()];
        let [x, y, z] = [a, b, c].map(|bits| f32::from_bits(bits as u32));
        let operands = format!("{a:#x} {b:#x} {c:#x}");
        assert_eq!(arithmetic::add::<Single>(a, b, NEAREST).bits, single(x + y), "{operands}");
        assert_eq!(arithmetic::multiply::<Single>(a, b, NEAREST).bits, single(x * y), "{operands}");
        assert_eq!(arithmetic::divide::<Single>(a, b, NEAREST).bits, single(x / y), "{operands}");
        let fused = arithmetic::multiply_add::<Single>(a, b, c, NEAREST).bits;
        assert_eq!(fused, single(x.mul_add(y, z)), "{operands}");
        assert_eq!(root::square_root::<Single>(a, NEAREST).bits, single(x.sqrt()), "{operands}");
        let wide = convert::precision::<Single, Double>(a, NEAREST).bits;
        assert_eq!(wide, double(x.into()), "{operands}");
    }
}

#[test]
fn double_results_equal_the_hosts() {
    let mut values = Values::new(DOUBLE);
    for _ in 0..ROUNDS {
        let [a, b, c] = [values.next(), values.next(), values.next()];
        let [x, y, z] = [a, b, c].map(f64::from_bits);
        let operands = format!("{a:#x} {b:#x} {c:#x}");
        assert_eq!(arithmetic::add::<Double>(a, b, NEAREST).bits, double(x + y), "{operands}");
        assert_eq!(arithmetic::multiply::<Double>(a, b, NEAREST).bits, double(x * y), "{operands}");
        assert_eq!(arithmetic::divide::<Double>(a, b, NEAREST).bits, double(x / y), "{operands}");
        let fused = arithmetic::multiply_add::<Double>(a, b, c, NEAREST).bits;
        assert_eq!(fused, double(x.mul_add(y, z)), "{operands}");
        assert_eq!(root::square_root::<Double>(a, NEAREST).bits, double(x.sqrt()), "{operands}");
        let narrow = convert::precision::<Double, Single>(a, NEAREST).bits;
        assert_eq!(narrow, single(x as f32), "{operands}");
    }
}

#[test]
fn conversions_of_integers_equal_the_hosts() {
    let mut values = Values::new(DOUBLE);
    for _ in 0..ROUNDS {
        let word = values.word() >> (values.word() & 63);
        let number = word.cast_signed();
        let to_single = |value| convert::from_integer::<Single>(value, NEAREST).bits;
        let to_double = |value| convert::from_integer::<Double>(value, NEAREST).bits;
        assert_eq!(to_single(word.into()), single(word as f32), "{word}");
        assert_eq!(to_double(word.into()), double(word as f64), "{word}");
        assert_eq!(to_single((-number).into()), single(-number as f32), "{number}");
        assert_eq!(to_double((-number).into()), double(-number as f64), "{number}");
        // Rust's casts truncate and clamp; a NaN is 0.
        let value = f64::from_bits(values.next());
        let (min, max) = (i128::from(i64::MIN), i128::from(i64::MAX));
        let integer = convert::to_integer::<Double>(value.to_bits(), min, max, Round::TowardZero);
        if !value.is_nan() {
            assert_eq!(integer.bits.cast_signed(), value as i64, "{value}");
        }
    }
}
