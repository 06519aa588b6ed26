//! Computations: straight-line code with random operands.

use landfall_host::random::Random;

use super::assembler::Assembler;
use super::encode::registers;
use super::table::{self, Class, word};

/// Values at which computations have special cases.
const EDGES: [u64; 16] = [
    0,
    1,
    2,
    u64::MAX,
    1 << 63,
    (1 << 63) - 1,
    0x8000_0000,
    0x7fff_ffff,
    0xffff_ffff,
    0xffff_ffff_8000_0000,
    0xffff_ffff_0000_0000,
    0x5555_5555_5555_5555,
    31,
    32,
    63,
    64,
];

/// Values of both widths at which floating point has special cases; half of them are NaN-boxed.
const FLOATS: [u64; 30] = [
    0,
    1 << 63,
    0x3ff0_0000_0000_0000,
    0xbff8_0000_0000_0000,
    0x7ff0_0000_0000_0000,
    0xfff0_0000_0000_0000,
    0x7ff8_0000_0000_0000,
    0x7ff0_0000_0000_0001,
    0xfff8_dead_beef_0001,
    1,
    0x000f_ffff_ffff_ffff,
    0x0010_0000_0000_0000,
    0x7fef_ffff_ffff_ffff,
    0x41df_ffff_ffc0_0000,
    0xc1e0_0000_0020_0000,
    0x43e0_0000_0000_0000,
    0x4340_0000_0000_0001,
    0xffff_ffff_0000_0000,
    0xffff_ffff_8000_0000,
    0xffff_ffff_3f80_0000,
    0xffff_ffff_bfc0_0000,
    0xffff_ffff_7f80_0000,
    0xffff_ffff_ff80_0000,
    0xffff_ffff_7fc0_0000,
    0xffff_ffff_7f80_0001,
    0xffff_ffff_0000_0001,
    0xffff_ffff_007f_ffff,
    0xffff_ffff_7f7f_ffff,
    0xffff_ffff_4f00_0000,
    0x3f80_0000,
];

/// Adds instructions of `classes`.
pub(super) fn add(code: &mut Assembler, random: &mut Random, classes: &[Class], count: usize) {
    let rows: Vec<_> = classes.iter().flat_map(|class| table::of(*class)).collect();
    let floats = classes.contains(&Class::Single);
    for _ in 0..count {
        match random.below(16) {
            0 | 1 => refresh(code, random, &[]),
            2 | 3 if floats => refresh_float(code, random),
            4 if floats => {
                // fsrm: all eight modes, of which three are invalid.
                let mode = word(random) & 7;
                code.emit(super::encode::csr("csrrwi", 0, 2, mode));
            }
            5 if floats && random.coin() => code.emit(super::encode::csr("csrrwi", 5, 1, 0)),
            _ => code.emit(random.pick(&rows).random(random, &[])),
        }
    }
}

/// Loads a register that is not `kept` with a value.
pub(super) fn refresh(code: &mut Assembler, random: &mut Random, kept: &[u32]) {
    let value = match random.below(3) {
        0 => random.pick(&EDGES),
        1 => random.next_word() >> random.below(64),
        _ => random.next_word(),
    };
    let register = word(random) & 31;
    if !kept.contains(&register) {
        code.constant(register, value);
    }
}

/// Loads a floating-point register with a value.
fn refresh_float(code: &mut Assembler, random: &mut Random) {
    let value = if random.coin() { random.pick(&FLOATS) } else { random.next_word() };
    let (source, target) = (5 + (word(random) & 15), word(random) & 31);
    code.constant(source, value);
    code.emit(registers("fmv.d.x", target, source, 0));
}

/// Words of which none is an instruction, by opcode: fixed bits and variable bits. Some are hints.
const RESERVED: &[(u32, u32)] = &[
    // OP, OP-32, OP-IMM, OP-IMM-32 in every encoding.
    (0x33, !0x7f),
    (0x3b, !0x7f),
    (0x13, !0x7f),
    (0x1b, !0x7f),
    // OP-FP and the fused ones.
    (0x53, !0x7f),
    (0x43, !0x7f),
    (0x47, !0x7f),
    (0x4b, !0x7f),
    (0x4f, !0x7f),
    // Loads and stores of widths that do not exist.
    (0x7003, 0xffff_8f80),
    (0x4023, 0xffff_8f80),
    (0x5023, 0xffff_8f80),
    (0x7023, 0xffff_8f80),
    (0x1007, 0xffff_8f80),
    (0x4007, 0xffff_8f80),
    (0x1027, 0xffff_8f80),
    (0x4027, 0xffff_8f80),
    // Branches that do not exist, and `jalr` with a function.
    (0x2063, 0xffff_8f80),
    (0x3063, 0xffff_8f80),
    (0x1067, 0xffff_8f80),
    (0x6067, 0xffff_8f80),
    // AMO of other widths.
    (0x002f, 0xffff_8f80),
    (0x102f, 0xffff_8f80),
    (0x402f, 0xffff_8f80),
    // SYSTEM's function 4.
    (0x4073, 0xffff_8f80),
    // Custom and reserved opcodes.
    (0x0b, !0x7f),
    (0x2b, !0x7f),
    (0x5b, !0x7f),
    (0x7b, !0x7f),
    (0x57, !0x7f),
    (0x6b, !0x7f),
    (0x77, !0x7f),
    // Longer than 32 bits.
    (0x1f, !0x7f),
    (0x3f, !0x7f),
    (0x5f, !0x7f),
    (0x7f, !0x7f),
    // C: no immediate in c.addi4spn, and a reserved function.
    (0x0000, 0x001c),
    (0x8000, 0x1ffc),
    // c.addiw and c.lui without a register or an immediate; c.addi16sp of 0.
    (0x2001, 0x107c),
    (0x6001, 0x0f80),
    // Reserved computations of two registers.
    (0x9c41, 0x039c),
    (0x9c61, 0x039c),
    // c.lwsp, c.ldsp, c.jr without a register.
    (0x4002, 0x107c),
    (0x6002, 0x107c),
    (0x8002, 0x0000),
];

/// Adds words most of which are no instructions.
pub(super) fn add_reserved(code: &mut Assembler, random: &mut Random, count: usize) {
    for _ in 0..count {
        if random.below(16) == 0 {
            refresh(code, random, &[]);
        }
        let (fixed, variable) = random.pick(RESERVED);
        code.emit(fixed | word(random) & variable);
    }
}
