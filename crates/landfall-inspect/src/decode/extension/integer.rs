//! Instructions on integer registers, on memory through them, and of the system.
//!
//! Encodings from the specifications' own list (riscv-opcodes), sorted within a group.

use super::{Effect, Group, Rounding, group};

/// Zba but for its additions, Zbb, Zbs, Zbc, Zbkb, Zbkx, Zicond, Zknd, Zkne, Zknh, Zksed, Zksh.
#[rustfmt::skip]
pub(super) const INTEGER: &[Group] = &[
    group(0xfc00_707f, Effect::Register, Rounding::None, &[
        (0x0800_101b, "slli.uw"), (0x2800_1013, "bseti"), (0x4800_1013, "bclri"),
        (0x4800_5013, "bexti"), (0x6000_5013, "rori"), (0x6800_1013, "binvi"),
    ]),
    group(0xfe00_707f, Effect::Register, Rounding::None, &[
        (0x0800_4033, "pack"), (0x0800_403b, "packw"), (0x0800_7033, "packh"),
        (0x0a00_1033, "clmul"), (0x0a00_2033, "clmulr"), (0x0a00_3033, "clmulh"),
        (0x0a00_4033, "min"), (0x0a00_5033, "minu"), (0x0a00_6033, "max"), (0x0a00_7033, "maxu"),
        (0x0e00_5033, "czero.eqz"), (0x0e00_7033, "czero.nez"), (0x2800_1033, "bset"),
        (0x2800_2033, "xperm4"), (0x2800_4033, "xperm8"), (0x3200_0033, "aes64es"),
        (0x3600_0033, "aes64esm"), (0x3a00_0033, "aes64ds"), (0x3e00_0033, "aes64dsm"),
        (0x4000_4033, "xnor"), (0x4000_6033, "orn"), (0x4000_7033, "andn"), (0x4800_1033, "bclr"),
        (0x4800_5033, "bext"), (0x6000_1033, "rol"), (0x6000_103b, "rolw"), (0x6000_501b, "roriw"),
        (0x6000_5033, "ror"), (0x6000_503b, "rorw"), (0x6800_1033, "binv"),
        (0x7e00_0033, "aes64ks2"),
    ]),
    group(0xfff0_707f, Effect::Register, Rounding::None, &[
        (0x1000_1013, "sha256sum0"), (0x1010_1013, "sha256sum1"), (0x1020_1013, "sha256sig0"),
        (0x1030_1013, "sha256sig1"), (0x1040_1013, "sha512sum0"), (0x1050_1013, "sha512sum1"),
        (0x1060_1013, "sha512sig0"), (0x1070_1013, "sha512sig1"), (0x1080_1013, "sm3p0"),
        (0x1090_1013, "sm3p1"), (0x2870_5013, "orc.b"), (0x3000_1013, "aes64im"),
        (0x6000_1013, "clz"), (0x6000_101b, "clzw"), (0x6010_1013, "ctz"), (0x6010_101b, "ctzw"),
        (0x6020_1013, "cpop"), (0x6020_101b, "cpopw"), (0x6040_1013, "sext.b"),
        (0x6050_1013, "sext.h"), (0x6870_5013, "brev8"), (0x6b80_5013, "rev8"),
    ]),
    group(0xff00_707f, Effect::Register, Rounding::None, &[(0x3100_1013, "aes64ks1i")]),
    group(0x3e00_707f, Effect::Register, Rounding::None, &[
        (0x3000_0033, "sm4ed"), (0x3400_0033, "sm4ks"),
    ]),
];

/// Zicbom, Zicboz, Zalasr.
#[rustfmt::skip]
pub(super) const MEMORY: &[Group] = &[
    group(0xfff0_7fff, Effect::Memory, Rounding::None, &[
        (0x0000_200f, "cbo.inval"), (0x0010_200f, "cbo.clean"), (0x0020_200f, "cbo.flush"),
        (0x0040_200f, "cbo.zero"),
    ]),
    group(0xfdf0_707f, Effect::Load, Rounding::None, &[
        (0x3400_002f, "lb.aq"), (0x3400_102f, "lh.aq"), (0x3400_202f, "lw.aq"),
        (0x3400_302f, "ld.aq"),
    ]),
    group(0xfa00_7fff, Effect::Memory, Rounding::None, &[
        (0x3a00_002f, "sb.rl"), (0x3a00_102f, "sh.rl"), (0x3a00_202f, "sw.rl"),
        (0x3a00_302f, "sd.rl"),
    ]),
];

/// Zimop, H, Svinval, Zawrs, Ssctr.
#[rustfmt::skip]
pub(super) const SYSTEM: &[Group] = &[
    group(0xb3c0_707f, Effect::Register, Rounding::None, &[(0x81c0_4073, "mop.r")]),
    group(0xb200_707f, Effect::Register, Rounding::None, &[(0x8200_4073, "mop.rr")]),
    group(0xfe00_7fff, Effect::Nothing, Rounding::None, &[
        (0x1600_0073, "sinval.vma"), (0x2200_0073, "hfence.vvma"), (0x2600_0073, "hinval.vvma"),
        (0x6200_0073, "hfence.gvma"), (0x6600_0073, "hinval.gvma"),
    ]),
    group(0xfff0_707f, Effect::Load, Rounding::None, &[
        (0x6000_4073, "hlv.b"), (0x6010_4073, "hlv.bu"), (0x6400_4073, "hlv.h"),
        (0x6410_4073, "hlv.hu"), (0x6430_4073, "hlvx.hu"), (0x6800_4073, "hlv.w"),
        (0x6810_4073, "hlv.wu"), (0x6830_4073, "hlvx.wu"), (0x6c00_4073, "hlv.d"),
    ]),
    group(0xfe00_7fff, Effect::Memory, Rounding::None, &[
        (0x6200_4073, "hsv.b"), (0x6600_4073, "hsv.h"), (0x6a00_4073, "hsv.w"),
        (0x6e00_4073, "hsv.d"),
    ]),
    group(0xffff_ffff, Effect::Nothing, Rounding::None, &[
        (0x00d0_0073, "wrs.nto"), (0x01d0_0073, "wrs.sto"), (0x1040_0073, "sctrclr"),
        (0x1800_0073, "sfence.w.inval"), (0x1810_0073, "sfence.inval.ir"),
    ]),
];
