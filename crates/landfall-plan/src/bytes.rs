//! Amounts of memory, for people.

use core::fmt;

/// Bytes in the largest unit of which there is one, with one decimal where it is not whole: rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
        let unit = (self.0.checked_ilog2().unwrap_or(0) / 10).min(5);
        let whole = self.0 >> (unit * 10);
        let tenth = ((self.0 - (whole << (unit * 10))) * 10) >> (unit * 10);
        write!(f, "{whole}")?;
        if tenth != 0 {
            write!(f, ".{tenth}")?;
        }
        write!(f, " {}", units[unit as usize])
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::ToString;

    use super::Bytes;

    #[test]
    fn amounts_are_told_in_the_largest_unit_rounded_down() {
        for (bytes, told) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1 KiB"),
            (0x3ffa_0000, "1023.6 MiB"),
            (128 << 30, "128 GiB"),
            (u64::MAX, "16383.9 PiB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), told);
        }
    }
}
