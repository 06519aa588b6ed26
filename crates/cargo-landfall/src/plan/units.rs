//! Sizes as people read them.

use std::fmt;

const UNITS: [&str; 7] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// Bytes, in the largest unit of which there is one, with two digits behind the point where it is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.0.checked_ilog2().unwrap_or(0) / 10;
        let (whole, rest) = (self.0 >> (unit * 10), self.0 & ((1 << (unit * 10)) - 1));
        // The digits are cut off and not rounded, so that nothing looks as large as the next whole number.
        let hundredths = (u128::from(rest) * 100) >> (unit * 10);
        let text = match (rest, hundredths) {
            (0, _) => format!("{whole} {}", UNITS[unit as usize]),
            _ => format!("{whole}.{hundredths:02} {}", UNITS[unit as usize]),
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
            ((1 << 40) + 1, "1.00 TiB"),
            (u64::MAX, "15.99 EiB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
        assert_eq!(format!("{:>9}|", Bytes(4096)), "    4 KiB|");
    }
}
