//! Arithmetic on the values of integer registers.

/// Extends the low 8 bits by their sign.
pub(super) const fn sign8(value: u64) -> u64 {
    i64::cast_unsigned(value as i8 as i64)
}

/// Extends the low 16 bits by their sign.
pub(super) const fn sign16(value: u64) -> u64 {
    i64::cast_unsigned(value as i16 as i64)
}

/// Extends the low 32 bits by their sign.
pub(super) const fn sign32(value: u64) -> u64 {
    i64::cast_unsigned(value as i32 as i64)
}

/// Returns the upper half of the product of two signed numbers.
pub(super) const fn mulh(a: u64, b: u64) -> u64 {
    ((a.cast_signed() as i128 * b.cast_signed() as i128) >> 64).cast_unsigned() as u64
}

/// Returns the upper half of the product of a signed and an unsigned number.
pub(super) const fn mulhsu(a: u64, b: u64) -> u64 {
    ((a.cast_signed() as i128 * b as i128) >> 64).cast_unsigned() as u64
}

/// Returns the upper half of the product of two unsigned numbers.
pub(super) const fn mulhu(a: u64, b: u64) -> u64 {
    ((a as u128 * b as u128) >> 64) as u64
}

/// Returns the signed quotient; -1 by zero, the dividend on overflow.
pub(super) const fn div(a: u64, b: u64) -> u64 {
    if b == 0 { u64::MAX } else { a.cast_signed().wrapping_div(b.cast_signed()).cast_unsigned() }
}

/// Returns the unsigned quotient; the largest number by zero.
pub(super) const fn divu(a: u64, b: u64) -> u64 {
    match a.checked_div(b) {
        Some(quotient) => quotient,
        None => u64::MAX,
    }
}

/// Returns the signed remainder; the dividend by zero, 0 on overflow.
pub(super) const fn rem(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { a.cast_signed().wrapping_rem(b.cast_signed()).cast_unsigned() }
}

/// Returns the unsigned remainder; the dividend by zero.
pub(super) const fn remu(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { a % b }
}

/// [`div`] of the low 32 bits.
pub(super) const fn divw(a: u64, b: u64) -> u64 {
    // The quotient of the smallest number by -1 overflows 32 bits only; extension corrects it.
    sign32(div(sign32(a), sign32(b)))
}

/// [`divu`] of the low 32 bits.
pub(super) const fn divuw(a: u64, b: u64) -> u64 {
    sign32(divu(low32(a), low32(b)))
}

/// [`rem`] of the low 32 bits.
pub(super) const fn remw(a: u64, b: u64) -> u64 {
    sign32(rem(sign32(a), sign32(b)))
}

/// [`remu`] of the low 32 bits.
pub(super) const fn remuw(a: u64, b: u64) -> u64 {
    sign32(remu(low32(a), low32(b)))
}

const fn low32(value: u64) -> u64 {
    value & 0xffff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIN: u64 = 1 << 63;
    const MIN32: u64 = 0xffff_ffff_8000_0000;
    const MINUS: u64 = u64::MAX;

    #[test]
    fn division_by_zero_returns_all_ones_and_the_remainder_the_dividend() {
        for a in [0, 1, 7, MIN, MINUS, 0x8000_0000, 0x1234_5678_9abc_def0] {
            assert_eq!(div(a, 0), MINUS);
            assert_eq!(divu(a, 0), MINUS);
            assert_eq!(rem(a, 0), a);
            assert_eq!(remu(a, 0), a);
            // Only the low 32 bits count.
            for zero in [0, 1 << 32, MIN] {
                assert_eq!(divw(a, zero), MINUS);
                assert_eq!(divuw(a, zero), MINUS);
                assert_eq!(remw(a, zero), sign32(a));
                assert_eq!(remuw(a, zero), sign32(a));
            }
        }
    }

    #[test]
    fn overflow_of_division_returns_the_dividend_and_no_remainder() {
        assert_eq!((div(MIN, MINUS), rem(MIN, MINUS)), (MIN, 0));
        assert_eq!((divw(MIN32, MINUS), remw(MIN32, MINUS)), (MIN32, 0));
        assert_eq!((divw(0x8000_0000, 0xffff_ffff), remw(0x8000_0000, 0xffff_ffff)), (MIN32, 0));
    }

    #[test]
    fn signed_division_rounds_toward_zero_and_the_remainder_has_the_dividends_sign() {
        let minus = |value: u64| value.wrapping_neg();
        assert_eq!((div(7, minus(2)), rem(7, minus(2))), (minus(3), 1));
        assert_eq!((div(minus(7), 2), rem(minus(7), 2)), (minus(3), MINUS));
        assert_eq!((divw(minus(7), 2), remw(minus(7), 2)), (minus(3), MINUS));
        assert_eq!((divw(0xdead_0000_0000_0007, minus(2)), divu(minus(2), 2)), (minus(3), MIN - 1));
    }

    #[test]
    fn unsigned_forms_of_words_extend_their_result_by_its_sign() {
        assert_eq!(divuw(MINUS, 1), MINUS);
        assert_eq!(divuw(0x8000_0000, 1), MIN32);
        assert_eq!(remuw(0xffff_fffe, 0xffff_ffff), MINUS - 1);
        assert_eq!(divuw(0xffff_ffff, 0xffff_ffff), 1);
    }

    #[test]
    fn upper_halves_of_products_follow_the_signs_of_the_operands() {
        assert_eq!((mulh(MINUS, MINUS), mulhu(MINUS, MINUS), mulhsu(MINUS, MINUS)), (0, MINUS - 1, MINUS));
        assert_eq!((mulh(MIN, MIN), mulhu(MIN, MIN), mulhsu(MIN, MIN)), (1 << 62, 1 << 62, 3 << 62));
        assert_eq!((mulh(MINUS, 1), mulhu(MINUS, 1), mulhsu(MINUS, 1)), (MINUS, 0, MINUS));
        assert_eq!((mulh(1, MINUS), mulhsu(1, MINUS)), (MINUS, 0));
        // Schoolbook multiplication by halves, as a second way to the unsigned one.
        let mut state = 1_u64;
        for _ in 0..10_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (a, b) = (state, state.rotate_left(29) ^ 0x5555);
            let (ah, al, bh, bl) = (a >> 32, low32(a), b >> 32, low32(b));
            let middle = ((al * bl) >> 32) + low32(ah * bl) + low32(al * bh);
            let upper = ah * bh + ((ah * bl) >> 32) + ((al * bh) >> 32) + (middle >> 32);
            assert_eq!(mulhu(a, b), upper);
            let minus_a = if a >> 63 == 1 { b } else { 0 };
            let minus_b = if b >> 63 == 1 { a } else { 0 };
            assert_eq!(mulhsu(a, b), upper.wrapping_sub(minus_a));
            assert_eq!(mulh(a, b), upper.wrapping_sub(minus_a).wrapping_sub(minus_b));
        }
    }

    #[test]
    fn extensions_copy_the_sign() {
        assert_eq!(
            (sign8(0x180), sign16(0x1_8000), sign32(0x1_8000_0000)),
            ((-128_i64).cast_unsigned(), (-32768_i64).cast_unsigned(), MIN32)
        );
        assert_eq!((sign8(0xff7f), sign16(0xf_7fff), sign32(0xf_7fff_ffff)), (0x7f, 0x7fff, 0x7fff_ffff));
    }
}
