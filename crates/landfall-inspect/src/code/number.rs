//! Numbers as registers hold them.

/// A number with a sign, in 64 bits.
pub(super) fn extended(number: impl Into<i64>) -> u64 {
    0_u64.wrapping_add_signed(number.into())
}

/// The lower 32 bits with their sign, as instructions with `w` leave them.
pub(super) fn word(number: u64) -> u64 {
    let [a, b, c, d, ..] = number.to_le_bytes();
    extended(i32::from_le_bytes([a, b, c, d]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_sign() {
        assert_eq!(word(0x1_8000_0000), 0xffff_ffff_8000_0000);
        assert_eq!(word(0xffff_ffff_7fff_ffff), 0x7fff_ffff);
        assert_eq!(extended(-1_i16), u64::MAX);
    }
}
