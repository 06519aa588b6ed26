//! Amounts of memory, for people.

use std::fmt;

const UNITS: [&str; 7] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// Bytes, exact, with at most four digits before each unit: `248 KiB`, `1664 KiB`,
/// `1023 MiB + 640 KiB`.
///
/// ```
/// use landfall_audit::Bytes;
///
/// assert_eq!(Bytes(0x3ffe_8000).to_string(), "1023 MiB + 928 KiB");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        let mut rest = self.0;
        loop {
            let largest = rest.checked_ilog2().unwrap_or(0) / 10;
            let exact = (rest.trailing_zeros() / 10).min(largest);
            if rest >> (exact * 10) < 10_000 {
                words.push(format!("{} {}", rest >> (exact * 10), UNITS[exact as usize]));
                return f.pad(&words.join(" + "));
            }
            let count = rest >> (largest * 10);
            words.push(format!("{count} {}", UNITS[largest as usize]));
            rest -= count << (largest * 10);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_short() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (9999, "9999 bytes"),
            (10_000, "9 KiB + 784 bytes"),
            (4096, "4 KiB"),
            (1664 << 10, "1664 KiB"),
            (1_048_192 << 10, "1023 MiB + 640 KiB"),
            (1_046_336 << 10, "1021 MiB + 832 KiB"),
            (128 << 30, "128 GiB"),
            ((1 << 40) + 4096, "1 TiB + 4 KiB"),
            ((1 << 40) - 4096, "1023 GiB + 1023 MiB + 1020 KiB"),
            (1 << 63, "8 EiB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }

    #[test]
    fn the_words_add_up() {
        for bytes in (0..2000).map(|number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (number % 60))
        {
            let text = Bytes(bytes).to_string();
            let sum: u64 = text
                .split(" + ")
                .map(|word| {
                    let (count, unit) = word.split_once(' ').expect("a count and a unit");
                    assert!(count.len() <= 4, "{text}");
                    let power = UNITS.iter().position(|own| *own == unit).expect("a unit");
                    count.parse::<u64>().expect("a number") << (10 * power)
                })
                .sum();
            assert_eq!(sum, bytes, "{text}");
        }
    }
}
