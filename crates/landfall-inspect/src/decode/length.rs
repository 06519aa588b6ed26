//! The length of an instruction (unprivileged, "Expanded Instruction-Length Encoding").

/// The length in bytes of the instruction that begins with `parcel`; `None` for what is reserved
/// for 192 bits and more.
#[must_use]
pub const fn length(parcel: u16) -> Option<u8> {
    if parcel & 0b11 != 0b11 {
        Some(2)
    } else if parcel & 0b1_1100 != 0b1_1100 {
        Some(4)
    } else if parcel & 0b10_0000 == 0 {
        Some(6)
    } else if parcel & 0b100_0000 == 0 {
        Some(8)
    } else {
        match (parcel >> 12 & 0b111) as u8 {
            0b111 => None,
            more => Some(10 + 2 * more),
        }
    }
}
