//! Decoding, judged by its rules.

use super::*;

#[test]
fn an_instruction_takes_twelve_bytes() {
    assert_eq!(size_of::<Inst>(), 12);
}

#[test]
fn all_zeros_and_all_ones_are_illegal_with_their_encoding() {
    assert_eq!(decode(0), Inst { len: 2, ..Inst::illegal(0) });
    assert_eq!(decode(u32::MAX), Inst::illegal(u32::MAX));
    // The parcel behind an illegal one of 16 bits is no part of it.
    assert_eq!(decode(0x1234_0000), Inst { len: 2, ..Inst::illegal(0) });
}
