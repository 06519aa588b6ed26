//! The fields of an instruction of 32 bits (unprivileged, "Base Instruction Formats" and "Immediate
//! Encoding Variants").

use super::register::Register;

/// The fields of an instruction, where most formats have them.
#[derive(Clone, Copy)]
pub(super) struct Word(pub(super) u32);

impl Word {
    pub(super) const fn rd(self) -> Register {
        Register::new(self.0 >> 7)
    }
    pub(super) const fn rs1(self) -> Register {
        Register::new(self.0 >> 15)
    }
    pub(super) const fn rs2(self) -> Register {
        Register::new(self.0 >> 20)
    }
    pub(super) const fn funct3(self) -> u32 {
        self.0 >> 12 & 7
    }
    pub(super) const fn funct7(self) -> u32 {
        self.0 >> 25
    }
    const fn signed(self) -> i32 {
        signed(self.0)
    }
    pub(super) const fn immediate_i(self) -> i16 {
        low_half(self.signed() >> 20)
    }
    pub(super) const fn immediate_s(self) -> i16 {
        low_half(((self.signed() >> 25) << 5) | signed(self.0 >> 7 & 31))
    }
    pub(super) const fn immediate_b(self) -> i16 {
        low_half(
            ((self.signed() >> 31) << 12)
                | (signed(self.0 >> 7 & 1) << 11)
                | (signed(self.0 >> 25 & 0x3f) << 5)
                | (signed(self.0 >> 8 & 0xf) << 1),
        )
    }
    pub(super) const fn immediate_u(self) -> i32 {
        self.signed() & !0xfff
    }
    pub(super) const fn immediate_j(self) -> i32 {
        ((self.signed() >> 31) << 20)
            | signed(self.0 & 0xf_f000)
            | (signed(self.0 >> 20 & 1) << 11)
            | (signed(self.0 >> 21 & 0x3ff) << 1)
    }
}

/// The same bits with a sign.
const fn signed(bits: u32) -> i32 {
    i32::from_ne_bytes(bits.to_ne_bytes())
}

/// The lower half of a number that fits into it.
#[expect(clippy::cast_possible_truncation, reason = "immediates of I, S and B have 12 and 13 bits")]
const fn low_half(number: i32) -> i16 {
    number as i16
}
