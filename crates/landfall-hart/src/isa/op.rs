//! The operations of the instructions.

/// An operation, named as the specification names it.
///
/// One operation of floating point stands for both precisions; [`super::FloatFields`] has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Op {
    /// No instruction; the trap's value is the encoding in `imm`.
    Illegal,

    // RV64I.
    Lui,
    Auipc,
    Jal,
    Jalr,
    Beq,
    Bne,
    Blt,
    Bge,
    Bltu,
    Bgeu,
    Lb,
    Lh,
    Lw,
    Ld,
    Lbu,
    Lhu,
    Lwu,
    Sb,
    Sh,
    Sw,
    Sd,
    Addi,
    Slti,
    Sltiu,
    Xori,
    Ori,
    Andi,
    Slli,
    Srli,
    Srai,
    Add,
    Sub,
    Sll,
    Slt,
    Sltu,
    Xor,
    Srl,
    Sra,
    Or,
    And,
    Addiw,
    Slliw,
    Srliw,
    Sraiw,
    Addw,
    Subw,
    Sllw,
    Srlw,
    Sraw,
    Fence,
    Ecall,
    Ebreak,

    // M.
    Mul,
    Mulh,
    Mulhsu,
    Mulhu,
    Div,
    Divu,
    Rem,
    Remu,
    Mulw,
    Divw,
    Divuw,
    Remw,
    Remuw,

    // A.
    LrW,
    ScW,
    AmoswapW,
    AmoaddW,
    AmoxorW,
    AmoandW,
    AmoorW,
    AmominW,
    AmomaxW,
    AmominuW,
    AmomaxuW,
    LrD,
    ScD,
    AmoswapD,
    AmoaddD,
    AmoxorD,
    AmoandD,
    AmoorD,
    AmominD,
    AmomaxD,
    AmominuD,
    AmomaxuD,

    // Zicsr.
    Csrrw,
    Csrrs,
    Csrrc,
    Csrrwi,
    Csrrsi,
    Csrrci,

    // Zifencei, Zicbom, Zicboz.
    FenceI,
    CboInval,
    CboClean,
    CboFlush,
    CboZero,

    // The supervisor's, and Svinval.
    Sret,
    Wfi,
    SfenceVma,
    SinvalVma,
    SfenceWInval,
    SfenceInvalIr,

    // F and D.
    Flw,
    Fld,
    Fsw,
    Fsd,
    Fmadd,
    Fmsub,
    Fnmsub,
    Fnmadd,
    Fadd,
    Fsub,
    Fmul,
    Fdiv,
    Fsqrt,
    Fsgnj,
    Fsgnjn,
    Fsgnjx,
    Fmin,
    Fmax,
    Feq,
    Flt,
    Fle,
    Fclass,
    /// `fcvt.w.s`, `fcvt.w.d`: to a 32-bit integer.
    FcvtToW,
    FcvtToWu,
    FcvtToL,
    FcvtToLu,
    /// `fcvt.s.w`, `fcvt.d.w`: from a 32-bit integer.
    FcvtFromW,
    FcvtFromWu,
    FcvtFromL,
    FcvtFromLu,
    /// `fcvt.d.s` if the precision is double, or `fcvt.s.d`.
    FcvtFloat,
    /// `fmv.x.w`, `fmv.x.d`.
    FmvToX,
    /// `fmv.w.x`, `fmv.d.x`.
    FmvFromX,
}

impl Op {
    /// Returns true for an instruction of A.
    pub(crate) const fn is_atomic(self) -> bool {
        self.is_within(Self::LrW, Self::AmomaxuD)
    }

    /// Returns true for an instruction of Zicsr.
    pub(crate) const fn is_csr(self) -> bool {
        self.is_within(Self::Csrrw, Self::Csrrci)
    }

    /// Returns true for an instruction of F or D.
    pub(crate) const fn is_float(self) -> bool {
        self.is_within(Self::Flw, Self::FmvFromX)
    }

    const fn is_within(self, first: Self, last: Self) -> bool {
        first as u8 <= self as u8 && self as u8 <= last as u8
    }
}
