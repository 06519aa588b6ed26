//! Encodes the instructions that the programs have.

/// Registers, by their names in the ABI.
pub(crate) const ZERO: u32 = 0;
pub(crate) const RA: u32 = 1;
pub(crate) const T0: u32 = 5;
pub(crate) const T1: u32 = 6;
pub(crate) const T2: u32 = 7;
pub(crate) const S0: u32 = 8;
pub(crate) const S1: u32 = 9;
pub(crate) const A0: u32 = 10;
pub(crate) const A1: u32 = 11;
pub(crate) const A6: u32 = 16;
pub(crate) const A7: u32 = 17;
pub(crate) const S2: u32 = 18;
pub(crate) const S3: u32 = 19;
pub(crate) const S4: u32 = 20;
pub(crate) const T5: u32 = 30;
pub(crate) const T6: u32 = 31;

/// Numbers of CSRs.
pub(crate) const SEED: u32 = 0x015;
pub(crate) const SSTATUS: u32 = 0x100;
pub(crate) const SIE: u32 = 0x104;
pub(crate) const STVEC: u32 = 0x105;
pub(crate) const SCOUNTEREN: u32 = 0x106;
pub(crate) const SEPC: u32 = 0x141;
pub(crate) const SIP: u32 = 0x144;
pub(crate) const STIMECMP: u32 = 0x14d;
pub(crate) const SATP: u32 = 0x180;
pub(crate) const SSTATEEN0: u32 = 0x10c;
pub(crate) const SCONTEXT: u32 = 0x5a8;
pub(crate) const CYCLE: u32 = 0xc00;
pub(crate) const TIME: u32 = 0xc01;
pub(crate) const HPMCOUNTER3: u32 = 0xc03;

pub(crate) const ECALL: u32 = 0x0000_0073;
pub(crate) const SRET: u32 = 0x1020_0073;
/// The fences around `sinval.vma`.
pub(crate) const SFENCE_W_INVAL: u32 = 0x1800_0073;
pub(crate) const SFENCE_INVAL_IR: u32 = 0x1810_0073;
pub(crate) const WFI: u32 = 0x1050_0073;
pub(crate) const FENCE_I: u32 = 0x0000_100f;
pub(crate) const RET: u32 = 0x0000_8067;
/// `fence r, r`, `fence w, w`, `fence rw, ow`.
pub(crate) const FENCE_R_R: u32 = 0x0220_000f;
pub(crate) const FENCE_W_W: u32 = 0x0110_000f;
pub(crate) const FENCE_RW_OW: u32 = 0x0350_000f;

const OP_IMM: u32 = 0x13;
const OP_IMM_32: u32 = 0x1b;
const OP: u32 = 0x33;
const LOAD: u32 = 0x03;
const STORE: u32 = 0x23;
const AMO: u32 = 0x2f;
const SYSTEM: u32 = 0x73;

const fn i_type(opcode: u32, function: u32, rd: u32, rs1: u32, immediate: i32) -> u32 {
    (immediate.cast_unsigned() & 0xfff) << 20 | rs1 << 15 | function << 12 | rd << 7 | opcode
}

const fn r_type(opcode: u32, function: (u32, u32), rd: u32, rs1: u32, rs2: u32) -> u32 {
    function.0 << 25 | rs2 << 20 | rs1 << 15 | function.1 << 12 | rd << 7 | opcode
}

pub(crate) const fn addi(rd: u32, rs1: u32, immediate: i32) -> u32 {
    i_type(OP_IMM, 0, rd, rs1, immediate)
}

pub(crate) const fn andi(rd: u32, rs1: u32, immediate: i32) -> u32 {
    i_type(OP_IMM, 7, rd, rs1, immediate)
}

pub(crate) const fn slli(rd: u32, rs1: u32, amount: i32) -> u32 {
    i_type(OP_IMM, 1, rd, rs1, amount)
}

pub(crate) const fn srli(rd: u32, rs1: u32, amount: i32) -> u32 {
    i_type(OP_IMM, 5, rd, rs1, amount)
}

pub(crate) const fn addiw(rd: u32, rs1: u32, immediate: i32) -> u32 {
    i_type(OP_IMM_32, 0, rd, rs1, immediate)
}

pub(crate) const fn add(rd: u32, rs1: u32, rs2: u32) -> u32 {
    r_type(OP, (0, 0), rd, rs1, rs2)
}

pub(crate) const fn or(rd: u32, rs1: u32, rs2: u32) -> u32 {
    r_type(OP, (0, 6), rd, rs1, rs2)
}

pub(crate) const fn lui(rd: u32, immediate: u32) -> u32 {
    immediate << 12 | rd << 7 | 0x37
}

pub(crate) const fn auipc(rd: u32, immediate: u32) -> u32 {
    immediate << 12 | rd << 7 | 0x17
}

pub(crate) const fn ld(rd: u32, base: u32, offset: i32) -> u32 {
    i_type(LOAD, 3, rd, base, offset)
}

pub(crate) const fn lbu(rd: u32, base: u32, offset: i32) -> u32 {
    i_type(LOAD, 4, rd, base, offset)
}

const fn s_type(function: u32, rs2: u32, base: u32, offset: i32) -> u32 {
    let bits = offset.cast_unsigned();
    (bits >> 5 & 0x7f) << 25 | rs2 << 20 | base << 15 | function << 12 | (bits & 31) << 7 | STORE
}

pub(crate) const fn sd(rs2: u32, base: u32, offset: i32) -> u32 {
    s_type(3, rs2, base, offset)
}

pub(crate) const fn sw(rs2: u32, base: u32, offset: i32) -> u32 {
    s_type(2, rs2, base, offset)
}

pub(crate) const fn sb(rs2: u32, base: u32, offset: i32) -> u32 {
    s_type(0, rs2, base, offset)
}

pub(crate) const fn lr_d(rd: u32, address: u32) -> u32 {
    r_type(AMO, (0b000_1000, 3), rd, address, 0)
}

pub(crate) const fn sc_d(rd: u32, rs2: u32, address: u32) -> u32 {
    r_type(AMO, (0b000_1100, 3), rd, address, rs2)
}

pub(crate) const fn csrrw(rd: u32, csr: u32, rs1: u32) -> u32 {
    csr << 20 | rs1 << 15 | 1 << 12 | rd << 7 | SYSTEM
}

pub(crate) const fn csrr(rd: u32, csr: u32) -> u32 {
    csr << 20 | 2 << 12 | rd << 7 | SYSTEM
}

pub(crate) const fn csrsi(csr: u32, immediate: u32) -> u32 {
    csr << 20 | immediate << 15 | 6 << 12 | SYSTEM
}

pub(crate) const fn csrci(csr: u32, immediate: u32) -> u32 {
    csr << 20 | immediate << 15 | 7 << 12 | SYSTEM
}

pub(crate) const fn sfence_vma(address: u32, asid: u32) -> u32 {
    r_type(SYSTEM, (0b000_1001, 0), 0, address, asid)
}

pub(crate) const fn sinval_vma(address: u32, asid: u32) -> u32 {
    r_type(SYSTEM, (0b000_1011, 0), 0, address, asid)
}

/// The functions of branches.
pub(crate) const BEQ: u32 = 0;
pub(crate) const BNE: u32 = 1;
pub(crate) const BLTU: u32 = 6;

pub(crate) const fn branch(function: u32, rs1: u32, rs2: u32, offset: i32) -> u32 {
    let bits = offset.cast_unsigned();
    (bits >> 12 & 1) << 31
        | (bits >> 5 & 0x3f) << 25
        | rs2 << 20
        | rs1 << 15
        | function << 12
        | (bits >> 1 & 0xf) << 8
        | (bits >> 11 & 1) << 7
        | 0x63
}

pub(crate) const fn jal(rd: u32, offset: i32) -> u32 {
    let bits = offset.cast_unsigned();
    (bits >> 20 & 1) << 31
        | (bits >> 1 & 0x3ff) << 21
        | (bits >> 11 & 1) << 20
        | (bits >> 12 & 0xff) << 12
        | rd << 7
        | 0x6f
}
