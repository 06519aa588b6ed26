//! Sizes as people read them.

use std::fmt;

const UNITS: [&str; 7] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// Bytes: a whole number of some unit where four digits are enough for that, else with two digits behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let largest = self.0.checked_ilog2().unwrap_or(0) / 10;
        let exact = (self.0.trailing_zeros() / 10).min(largest);
        let text = if self.0 >> (exact * 10) < 10_000 {
            format!("{} {}", self.0 >> (exact * 10), UNITS[exact as usize])
        } else {
            // The digits are cut off and not rounded, so that nothing looks as large as the next whole number.
            let hundredths = (u128::from(self.0) * 100) >> (largest * 10);
            format!("{}.{:02} {}", hundredths / 100, hundredths % 100, UNITS[largest as usize])
        };
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (4096, "4 KiB"),
            (128 << 20, "128 MiB"),
            (1_048_192 << 10, "1023.62 MiB"),
            (18_496_878_548 << 20, "17.22 PiB"),
            ((1 << 30) + (2 << 20), "1026 MiB"),
            ((1 << 40) + 1, "1.00 TiB"),
            (u64::MAX, "15.99 EiB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
        assert_eq!(format!("{:>9}|", Bytes(4096)), "    4 KiB|");
    }
}
