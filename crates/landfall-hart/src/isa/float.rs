//! Instructions of F and D.

use super::fields::{field, i_type, register, store_offset};
use super::{Inst, Op};

/// The fields of an instruction of floating point in `imm`.
///
/// Bits 2 to 0 are the rounding mode, 7 to 3 `rs3`, 12 to 8 `rs2`, 17 to 13 `rs1`, 22 to 18 `rd`.
/// Bit 23 is set for double precision. A register that is not of floating point is 0 here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FloatFields {
    /// The rounding mode.
    pub(crate) rounding: u8,
    /// The third source.
    pub(crate) rs3: u8,
    /// The second source.
    pub(crate) rs2: u8,
    /// The first source.
    pub(crate) rs1: u8,
    /// The destination.
    pub(crate) rd: u8,
    /// Double precision.
    pub(crate) double: bool,
}

impl FloatFields {
    /// Returns the fields of an instruction's `imm`.
    pub(crate) const fn of(imm: i32) -> Self {
        let bits = imm.cast_unsigned();
        Self {
            rounding: register(bits, 0) & 7,
            rs3: register(bits, 3),
            rs2: register(bits, 8),
            rs1: register(bits, 13),
            rd: register(bits, 18),
            double: bits >> 23 & 1 != 0,
        }
    }

    /// Returns `imm` with the fields.
    fn pack(self) -> i32 {
        let bits = u32::from(self.rounding)
            | u32::from(self.rs3) << 3
            | u32::from(self.rs2) << 8
            | u32::from(self.rs1) << 13
            | u32::from(self.rd) << 18
            | u32::from(self.double) << 23;
        bits.cast_signed()
    }
}

/// The registers of an instruction that are of floating point: `rd` and `rs1`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Both.
    Float,
    /// `rs1`; the destination is an integer register.
    ToInteger,
    /// `rd`; the source is an integer register.
    FromInteger,
}

/// The use of the field of the rounding mode.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    /// It is a rounding mode.
    Mode,
    /// It selects the operation.
    Function,
}

/// Decodes an instruction of F or D.
pub(super) fn decode(bits: u32) -> Option<Inst> {
    match field(bits, 2, 5) {
        0b00001 => load(bits),
        0b01001 => store(bits),
        0b10000 => fused(Op::Fmadd, bits),
        0b10001 => fused(Op::Fmsub, bits),
        0b10010 => fused(Op::Fnmsub, bits),
        0b10011 => fused(Op::Fnmadd, bits),
        0b10100 => arithmetic(bits),
        _ => None,
    }
}

/// Returns the operation for a width of a load or a store.
fn by_width(bits: u32, [single, double]: [Op; 2]) -> Option<Op> {
    match field(bits, 12, 3) {
        2 => Some(single),
        3 => Some(double),
        _ => None,
    }
}

fn load(bits: u32) -> Option<Inst> {
    let inst = i_type(by_width(bits, [Op::Flw, Op::Fld])?, bits);
    Some(Inst { rd: 0, imm: inst.imm << 5 | i32::from(inst.rd), ..inst })
}

fn store(bits: u32) -> Option<Inst> {
    let op = by_width(bits, [Op::Fsw, Op::Fsd])?;
    let imm = store_offset(bits) << 5 | i32::from(register(bits, 20));
    Some(Inst { rs1: register(bits, 15), imm, ..Inst::new(op) })
}

/// Returns true for double precision, false for single.
fn precision(bits: u32) -> Option<bool> {
    match field(bits, 25, 2) {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

/// Returns the rounding mode; 5 and 6 are reserved.
fn rounding(bits: u32) -> Option<u8> {
    let mode = register(bits, 12) & 7;
    (!matches!(mode, 5 | 6)).then_some(mode)
}

fn fused(op: Op, bits: u32) -> Option<Inst> {
    let fields = FloatFields {
        rounding: rounding(bits)?,
        rs3: register(bits, 27),
        rs2: register(bits, 20),
        rs1: register(bits, 15),
        rd: register(bits, 7),
        double: precision(bits)?,
    };
    Some(Inst { imm: fields.pack(), ..Inst::new(op) })
}

fn arithmetic(bits: u32) -> Option<Inst> {
    use Form::{Float, FromInteger, ToInteger};
    use Rounding::{Function, Mode};

    let double = precision(bits)?;
    let second = register(bits, 20);
    // The second source selects an operation in some groups; then it is no register.
    let (op, form, mode, rs2) = match (field(bits, 27, 5), field(bits, 12, 3), second) {
        (0b00000, ..) => (Op::Fadd, Float, Mode, second),
        (0b00001, ..) => (Op::Fsub, Float, Mode, second),
        (0b00010, ..) => (Op::Fmul, Float, Mode, second),
        (0b00011, ..) => (Op::Fdiv, Float, Mode, second),
        (0b01011, _, 0) => (Op::Fsqrt, Float, Mode, 0),
        (0b00100, 0, _) => (Op::Fsgnj, Float, Function, second),
        (0b00100, 1, _) => (Op::Fsgnjn, Float, Function, second),
        (0b00100, 2, _) => (Op::Fsgnjx, Float, Function, second),
        (0b00101, 0, _) => (Op::Fmin, Float, Function, second),
        (0b00101, 1, _) => (Op::Fmax, Float, Function, second),
        (0b10100, 0, _) => (Op::Fle, ToInteger, Function, second),
        (0b10100, 1, _) => (Op::Flt, ToInteger, Function, second),
        (0b10100, 2, _) => (Op::Feq, ToInteger, Function, second),
        // The second source is the precision of the value that is converted.
        (0b01000, ..) if second == u8::from(!double) => (Op::FcvtFloat, Float, Mode, 0),
        (0b11000, _, 0) => (Op::FcvtToW, ToInteger, Mode, 0),
        (0b11000, _, 1) => (Op::FcvtToWu, ToInteger, Mode, 0),
        (0b11000, _, 2) => (Op::FcvtToL, ToInteger, Mode, 0),
        (0b11000, _, 3) => (Op::FcvtToLu, ToInteger, Mode, 0),
        (0b11010, _, 0) => (Op::FcvtFromW, FromInteger, Mode, 0),
        (0b11010, _, 1) => (Op::FcvtFromWu, FromInteger, Mode, 0),
        (0b11010, _, 2) => (Op::FcvtFromL, FromInteger, Mode, 0),
        (0b11010, _, 3) => (Op::FcvtFromLu, FromInteger, Mode, 0),
        (0b11100, 0, 0) => (Op::FmvToX, ToInteger, Function, 0),
        (0b11100, 1, 0) => (Op::Fclass, ToInteger, Function, 0),
        (0b11110, 0, 0) => (Op::FmvFromX, FromInteger, Function, 0),
        _ => return None,
    };
    let rounding = if mode == Mode { rounding(bits)? } else { 0 };
    let (rd, rs1) = (register(bits, 7), register(bits, 15));
    let (integer_rd, float_rd) = if form == ToInteger { (rd, 0) } else { (0, rd) };
    let (integer_rs1, float_rs1) = if form == FromInteger { (rs1, 0) } else { (0, rs1) };
    let fields = FloatFields { rounding, rs3: 0, rs2, rs1: float_rs1, rd: float_rd, double };
    Some(Inst { rd: integer_rd, rs1: integer_rs1, imm: fields.pack(), ..Inst::new(op) })
}
