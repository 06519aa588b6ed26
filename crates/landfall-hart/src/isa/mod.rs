//! Instructions, decoded.
//!
//! RV64I, M, A, F, D, C, Zicsr, Zifencei, Zicbom, Zicboz and Svinval, for supervisor and user mode.
//! Everything else is illegal. A compressed instruction becomes the one that it stands for.

mod compressed;
mod fields;
mod float;
mod full;
mod op;
mod system;

pub(crate) use float::FloatFields;
pub(crate) use op::Op;

/// One decoded instruction. Fields that an instruction does not have are 0.
///
/// `rd`, `rs1` and `rs2` are integer registers alone. Floating-point registers are in `imm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Inst {
    /// The operation.
    pub(crate) op: Op,
    /// The destination register.
    pub(crate) rd: u8,
    /// The first source register.
    pub(crate) rs1: u8,
    /// The second source register.
    pub(crate) rs2: u8,
    /// The length in bytes, 2 or 4.
    pub(crate) len: u8,
    /// The immediate, sign-extended. `lui` and `auipc`: the value, its low 12 bits 0.
    /// Shifts: the amount. Atomics: bit 1 is `aq`, bit 0 `rl`.
    /// CSR instructions: bits 11 to 0 are the CSR's number, bits 20 to 16 the source of `csrr*i`.
    /// `fence`: the instruction's bits 31 to 20. `Illegal`: the encoding.
    /// Loads and stores of floating point: bits 4 to 0 are the register, the rest is the offset.
    /// Other floating point: see [`FloatFields`].
    pub(crate) imm: i32,
}

impl Inst {
    /// Returns an instruction of 4 bytes without operands.
    const fn new(op: Op) -> Self {
        Self { op, rd: 0, rs1: 0, rs2: 0, len: 4, imm: 0 }
    }

    /// Returns the trap of an encoding that is no instruction.
    const fn illegal(bits: u32) -> Self {
        Self { imm: bits.cast_signed(), ..Self::new(Op::Illegal) }
    }
}

/// Decodes an instruction, of 16 bits if the low two bits are not 3.
pub(crate) fn decode(bits: u32) -> Inst {
    if bits & 3 == 3 {
        full::decode(bits).unwrap_or(Inst::illegal(bits))
    } else {
        let parcel = bits & 0xffff;
        Inst { len: 2, ..compressed::decode(parcel).unwrap_or(Inst::illegal(parcel)) }
    }
}

#[cfg(test)]
mod tests;
