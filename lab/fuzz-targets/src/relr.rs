//! RELR tables of any words.

use landfall_image::relr::{Slots, count};

/// Decodes the input as a RELR table.
///
/// # Panics
/// If landfall fails on it.
pub fn run(table: &[u8]) {
    let words = || {
        table.chunks_exact(8).map(|word| word.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
    };
    let slots: Vec<u64> = Slots::new(words()).collect();
    assert_eq!(slots.len() as u64, count(words()));

    // The decoder of the ELF gABI, word for word.
    let mut expected = vec![];
    let mut base = 0_u64;
    for word in words() {
        if word & 1 == 0 {
            expected.push(word);
            base = word.wrapping_add(8);
        } else {
            let bits = (0..63_u64).filter(|bit| word >> (bit + 1) & 1 == 1);
            expected.extend(bits.map(|bit| base.wrapping_add(bit * 8)));
            base = base.wrapping_add(63 * 8);
        }
    }
    assert_eq!(slots, expected);
}
