//! Bytes as hex digits, in files of facts and in the GDB remote protocol.
//!
//! ```
//! use landfall_predict::hex::{hex, unhex};
//!
//! assert_eq!(hex(&[0x0f, 0xa0]), "0fa0");
//! assert_eq!(unhex("0fa0"), Some(vec![0x0f, 0xa0]));
//! assert_eq!(unhex("0fa"), None);
//! ```

/// Returns `bytes` as lower-case hex digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Returns the bytes that pairs of hex digits stand for; `None` if a digit is missing or invalid.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?));
    if rest.is_empty() { bytes.collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_digits_and_back() {
        assert_eq!(hex(&[0, 0x5a, 0xff]), "005aff");
        assert_eq!(unhex("005aFF"), Some(vec![0, 0x5a, 0xff]));
        for wrong in ["0", "0x", "zz", "é"] {
            assert_eq!(unhex(wrong), None, "{wrong}");
        }
    }
}
