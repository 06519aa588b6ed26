//! The immediates of instructions (unprivileged specification, "Immediate Encoding Variants" and
//! "Compressed Instruction Formats").

/// Runs of bits of an immediate: the highest and the lowest bit of the instruction, and the bit of
/// the immediate that the lowest is.
pub(crate) type Bits = &'static [(u32, u32, u32)];

/// The immediate of `auipc`, divided by 2^12.
pub(crate) const AUIPC: Bits = &[(31, 12, 0)];
pub(crate) const I_TYPE: Bits = &[(31, 20, 0)];
pub(crate) const S_TYPE: Bits = &[(31, 25, 5), (11, 7, 0)];
pub(crate) const B_TYPE: Bits = &[(31, 31, 12), (30, 25, 5), (11, 8, 1), (7, 7, 11)];
pub(crate) const J_TYPE: Bits = &[(31, 31, 20), (30, 21, 1), (20, 20, 11), (19, 12, 12)];
/// offset[8|4:3] in bits 12:10, offset[7:6|2:1|5] in bits 6:2
pub(crate) const CB: Bits = &[(12, 12, 8), (11, 10, 3), (6, 5, 6), (4, 3, 1), (2, 2, 5)];
/// offset[11|4|9:8|10|6|7|3:1|5] in bits 12:2
pub(crate) const CJ: Bits =
    &[(12, 12, 11), (11, 11, 4), (10, 9, 8), (8, 8, 10), (7, 7, 6), (6, 6, 7), (5, 3, 1), (2, 2, 5)];

/// Returns the immediate, extended by its sign.
pub(crate) fn value(bits: Bits, instruction: u32) -> i64 {
    let mut value = 0_i64;
    let mut highest = 0;
    for (high, low, first) in bits {
        for bit in *low..=*high {
            let place = first + (bit - low);
            value |= i64::from(instruction >> bit & 1) << place;
            highest = highest.max(place);
        }
    }
    value << (63 - highest) >> (63 - highest)
}

/// Returns the instruction without its immediate.
pub(crate) fn rest(bits: Bits, instruction: u32) -> u32 {
    let immediate =
        bits.iter().flat_map(|(high, low, _)| *low..=*high).fold(0, |mask, bit| mask | 1_u32 << bit);
    instruction & !immediate
}

/// Returns the sum of `auipc` and of an instruction of I-type behind it.
pub(crate) fn pair([upper, lower]: [u32; 2]) -> i64 {
    (value(AUIPC, upper) << 12) + value(I_TYPE, lower)
}
