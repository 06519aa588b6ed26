//! Amounts of memory, for people.

use core::fmt;

const UNITS: [&str; 7] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// Bytes: a whole number of some unit if four digits are enough for it, else two digits behind the
/// point.
///
/// The kernel's report, `plan` and its picture print one size in the same words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let largest = self.0.checked_ilog2().unwrap_or(0) / 10;
        let exact = (self.0.trailing_zeros() / 10).min(largest);
        let count = self.0 >> (exact * 10);
        if count < 10_000 {
            return write!(f, "{count} {}", UNITS[exact as usize]);
        }
        // The digits are cut off and not rounded: no amount looks as large as the next whole
        // number.
        let hundredths = (u128::from(self.0) * 100) >> (largest * 10);
        write!(f, "{}.{:02} {}", hundredths / 100, hundredths % 100, UNITS[largest as usize])
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::ToString;

    use super::Bytes;

    #[test]
    fn amounts_are_short_and_never_rounded_up() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1 KiB"),
            (4096, "4 KiB"),
            (7872 << 10, "7872 KiB"),
            (128 << 20, "128 MiB"),
            (9999, "9999 bytes"),
            (10_000, "9.76 KiB"),
            (0x3ffa_0000, "1023.62 MiB"),
            (128 << 30, "128 GiB"),
            ((1 << 30) + (2 << 20), "1026 MiB"),
            ((1 << 40) + 1, "1.00 TiB"),
            (18_496_878_548 << 20, "17.22 PiB"),
            (u64::MAX, "15.99 EiB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }
}
