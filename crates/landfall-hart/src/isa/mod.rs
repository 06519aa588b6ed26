//! Instructions, decoded.

/// One decoded instruction. Fields that an instruction does not have are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Inst {
    /// The operation.
    pub(crate) op: Op,
    /// The destination register.
    pub(crate) rd: u8,
    /// The first source register; for `csrr*i` the immediate.
    pub(crate) rs1: u8,
    /// The second source register.
    pub(crate) rs2: u8,
    /// The length in bytes, 2 or 4.
    pub(crate) len: u8,
    /// The immediate, sign-extended. Shifts: the amount. CSR instructions: the CSR's number.
    /// `fence`: the instruction's bits 31 to 20. Atomics: bit 1 is `aq`, bit 0 `rl`.
    /// Floating point: bits 2 to 0 are the rounding mode, bits 7 to 3 `rs3`.
    pub(crate) imm: i32,
}

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Op {
    /// No instruction; the trap's value is the encoding in `imm`.
    Illegal,
}
