//! Floating point beyond F and D: Zfh, Zfhmin, Zfa, Zfbfmin, Q.
//!
//! Encodings from the specifications' own list (riscv-opcodes), sorted within a group.

use super::{Effect, Group, Rounding, group};

/// All but loads and stores.
#[rustfmt::skip]
pub(super) const FLOAT: &[Group] = &[
    group(0x0600_007f, Effect::Nothing, Rounding::Field, &[
        (0x0400_0043, "fmadd.h"), (0x0400_0047, "fmsub.h"), (0x0400_004b, "fnmsub.h"),
        (0x0400_004f, "fnmadd.h"), (0x0600_0043, "fmadd.q"), (0x0600_0047, "fmsub.q"),
        (0x0600_004b, "fnmsub.q"), (0x0600_004f, "fnmadd.q"),
    ]),
    group(0xfe00_007f, Effect::Nothing, Rounding::Field, &[
        (0x0400_0053, "fadd.h"), (0x0600_0053, "fadd.q"), (0x0c00_0053, "fsub.h"),
        (0x0e00_0053, "fsub.q"), (0x1400_0053, "fmul.h"), (0x1600_0053, "fmul.q"),
        (0x1c00_0053, "fdiv.h"), (0x1e00_0053, "fdiv.q"),
    ]),
    group(0xfff0_007f, Effect::Nothing, Rounding::Field, &[
        (0x4020_0053, "fcvt.s.h"), (0x4030_0053, "fcvt.s.q"), (0x4040_0053, "fround.s"),
        (0x4050_0053, "froundnx.s"), (0x4060_0053, "fcvt.s.bf16"), (0x4220_0053, "fcvt.d.h"),
        (0x4230_0053, "fcvt.d.q"), (0x4240_0053, "fround.d"), (0x4250_0053, "froundnx.d"),
        (0x4400_0053, "fcvt.h.s"), (0x4410_0053, "fcvt.h.d"), (0x4430_0053, "fcvt.h.q"),
        (0x4440_0053, "fround.h"), (0x4450_0053, "froundnx.h"), (0x4480_0053, "fcvt.bf16.s"),
        (0x4600_0053, "fcvt.q.s"), (0x4610_0053, "fcvt.q.d"), (0x4620_0053, "fcvt.q.h"),
        (0x4640_0053, "fround.q"), (0x4650_0053, "froundnx.q"), (0x5c00_0053, "fsqrt.h"),
        (0x5e00_0053, "fsqrt.q"), (0xd400_0053, "fcvt.h.w"), (0xd410_0053, "fcvt.h.wu"),
        (0xd420_0053, "fcvt.h.l"), (0xd430_0053, "fcvt.h.lu"), (0xd600_0053, "fcvt.q.w"),
        (0xd610_0053, "fcvt.q.wu"), (0xd620_0053, "fcvt.q.l"), (0xd630_0053, "fcvt.q.lu"),
    ]),
    group(0xfe00_707f, Effect::Nothing, Rounding::None, &[
        (0x2400_0053, "fsgnj.h"), (0x2400_1053, "fsgnjn.h"), (0x2400_2053, "fsgnjx.h"),
        (0x2600_0053, "fsgnj.q"), (0x2600_1053, "fsgnjn.q"), (0x2600_2053, "fsgnjx.q"),
        (0x2800_2053, "fminm.s"), (0x2800_3053, "fmaxm.s"), (0x2a00_2053, "fminm.d"),
        (0x2a00_3053, "fmaxm.d"), (0x2c00_0053, "fmin.h"), (0x2c00_1053, "fmax.h"),
        (0x2c00_2053, "fminm.h"), (0x2c00_3053, "fmaxm.h"), (0x2e00_0053, "fmin.q"),
        (0x2e00_1053, "fmax.q"), (0x2e00_2053, "fminm.q"), (0x2e00_3053, "fmaxm.q"),
        (0xb600_0053, "fmvp.q.x"),
    ]),
    group(0xfe00_707f, Effect::Register, Rounding::None, &[
        (0xa000_4053, "fleq.s"), (0xa000_5053, "fltq.s"), (0xa200_4053, "fleq.d"),
        (0xa200_5053, "fltq.d"), (0xa400_0053, "fle.h"), (0xa400_1053, "flt.h"),
        (0xa400_2053, "feq.h"), (0xa400_4053, "fleq.h"), (0xa400_5053, "fltq.h"),
        (0xa600_0053, "fle.q"), (0xa600_1053, "flt.q"), (0xa600_2053, "feq.q"),
        (0xa600_4053, "fleq.q"), (0xa600_5053, "fltq.q"),
    ]),
    group(0xfff0_707f, Effect::Register, Rounding::None, &[
        (0xc280_1053, "fcvtmod.w.d"), (0xe400_0053, "fmv.x.h"), (0xe400_1053, "fclass.h"),
        (0xe600_1053, "fclass.q"), (0xe610_0053, "fmvh.x.q"),
    ]),
    group(0xfff0_007f, Effect::Register, Rounding::Field, &[
        (0xc400_0053, "fcvt.w.h"), (0xc410_0053, "fcvt.wu.h"), (0xc420_0053, "fcvt.l.h"),
        (0xc430_0053, "fcvt.lu.h"), (0xc600_0053, "fcvt.w.q"), (0xc610_0053, "fcvt.wu.q"),
        (0xc620_0053, "fcvt.l.q"), (0xc630_0053, "fcvt.lu.q"),
    ]),
    group(0xfff0_707f, Effect::Nothing, Rounding::None, &[
        (0xf010_0053, "fli.s"), (0xf210_0053, "fli.d"), (0xf400_0053, "fmv.h.x"),
        (0xf410_0053, "fli.h"), (0xf610_0053, "fli.q"),
    ]),
];
