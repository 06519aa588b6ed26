//! Decoding, judged by a disassembler that shares no code with it.

mod disassembler;
mod text;

use super::*;

#[test]
fn an_instruction_takes_twelve_bytes() {
    assert_eq!(size_of::<Inst>(), 12);
}

#[test]
fn all_zeros_and_all_ones_are_illegal_with_their_encoding() {
    assert_eq!(decode(0), Inst { len: 2, ..Inst::illegal(0) });
    assert_eq!(decode(u32::MAX), Inst::illegal(u32::MAX));
    // The parcel behind an illegal one of 16 bits is no part of it.
    assert_eq!(decode(0x1234_0000), Inst { len: 2, ..Inst::illegal(0) });
}

/// Fields that an instruction does not have are 0, so that a hart may read registers and their
/// views before it looks at the operation.
#[test]
fn registers_that_an_instruction_does_not_have_are_zero() {
    let registers = |bits| {
        let Inst { rd, rs1, rs2, .. } = decode(bits);
        (rd, rs1, rs2)
    };
    // With ones wherever the instruction has no register.
    assert_eq!(registers(0xffff_f537), (10, 0, 0), "lui");
    assert_eq!(registers(0xffff_f56f), (10, 0, 0), "jal");
    assert_eq!(registers(0xfff5_8513), (10, 11, 0), "addi");
    assert_eq!(registers(0xfeb5_0fe3), (0, 10, 11), "beq");
    assert_eq!(registers(0xfeb5_3fa3), (0, 10, 11), "sd");
    assert_eq!(registers(0x300f_d573), (10, 0, 0), "csrrwi");
    assert_eq!(registers(0xffff_8f8f), (0, 0, 0), "fence");
    assert_eq!(registers(0x16b5_0073), (0, 10, 11), "sinval.vma");
    assert_eq!(registers(0x0045_200f), (0, 10, 0), "cbo.zero");
    assert_eq!(registers(0x1005_252f), (10, 10, 0), "lr.w");
    // Floating-point registers are no integer registers.
    assert_eq!(registers(0x00c5_f553), (0, 0, 0), "fadd.s");
    assert_eq!(registers(0x68c5_f543), (0, 0, 0), "fmadd.s");
    assert_eq!(registers(0xc005_f553), (10, 0, 0), "fcvt.w.s");
    assert_eq!(registers(0xd005_f553), (0, 11, 0), "fcvt.s.w");
    assert_eq!(registers(0xff85_b507), (0, 11, 0), "fld");
    assert_eq!(registers(0xfea5_bc27), (0, 11, 0), "fsd");
    assert_eq!(registers(0x2188), (0, 11, 0), "c.fld");
    assert_eq!(registers(0xa188), (0, 11, 0), "c.fsd");
}

/// "Implementations shall ignore these fields" (unprivileged, "Memory Ordering Instructions" and
/// "Zifencei"). The disassembler does not know such fences.
#[test]
fn reserved_fields_of_fences_are_ignored() {
    for (bits, imm) in [(0x0ff0_000f, 0x0ff), (0x8330_000f, 0x833), (0x0100_000f, 0x010)] {
        for ignored in [0, 0x000f_8000, 0x0000_0f80, 0x000a_8a80] {
            assert_eq!(decode(bits | ignored), Inst { imm, ..Inst::new(Op::Fence) });
        }
    }
    // A reserved fm is an ordinary fence.
    assert_eq!(decode(0x5330_000f), Inst { imm: 0x533, ..Inst::new(Op::Fence) });
    for ignored in [0, 0xfff0_0000, 0x000f_8000, 0x0000_0f80] {
        assert_eq!(decode(0x100f | ignored), Inst::new(Op::FenceI));
    }
}

#[test]
fn csr_instructions_have_their_number_and_source_in_the_immediate() {
    for number in 0_u32..1 << 12 {
        let bits = number << 20 | 0b1_0101 << 15 | 5 << 7 | 0x73;
        let imm = number.cast_signed();
        assert_eq!(decode(bits | 1 << 12), Inst { rd: 5, rs1: 21, imm, ..Inst::new(Op::Csrrw) });
        let imm = imm | 21 << 16;
        assert_eq!(decode(bits | 7 << 12), Inst { rd: 5, imm, ..Inst::new(Op::Csrrci) });
    }
}

/// Compares each encoding with the disassembler, and returns the number of those compared.
fn agree(code: &[u8]) -> usize {
    let (mut compared, mut wrong) = (0, Vec::new());
    for line in disassembler::disassemble(code) {
        if has_ignored_fields(line.bits) {
            continue;
        }
        let inst = decode(line.bits);
        let ours = text::of(inst, line.address);
        if usize::from(inst.len) != line.len || ours != line.text {
            wrong.push(format!("{:#010x}: {ours}; the disassembler: {}", line.bits, line.text));
        }
        compared += 1;
    }
    let shown = wrong[..wrong.len().min(40)].join("\n");
    assert!(wrong.is_empty(), "{} of {compared}:\n{shown}", wrong.len());
    compared
}

/// Returns true for fences with reserved fields that are not 0.
fn has_ignored_fields(bits: u32) -> bool {
    match bits & 0x707f {
        0x000f => bits & 0x000f_8f80 != 0 || !matches!(bits >> 20, 0..=0xff | 0x833),
        0x100f => bits != 0x100f,
        _ => false,
    }
}

fn words(words: impl IntoIterator<Item = u32>) -> Vec<u8> {
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}

#[test]
#[ignore = "needs a disassembler: cargo test -- --include-ignored"]
fn all_compressed_encodings_equal_the_disassemblers() {
    let parcels = (0..=u16::MAX).filter(|parcel| parcel & 3 != 3);
    let code: Vec<u8> = parcels.flat_map(u16::to_le_bytes).collect();
    assert_eq!(agree(&code), 3 << 14);
}

/// All combinations of opcode, `funct3`, and the upper 12 bits; other registers as they come.
#[test]
#[ignore = "needs a disassembler: cargo test -- --include-ignored"]
fn all_functions_of_32_bits_equal_the_disassemblers() {
    let code = words((0..1_u32 << 15).flat_map(|high| {
        let (upper, funct3) = (high >> 3, high & 7);
        // Opcodes with ones in the low bits begin longer instructions.
        (0..31).filter(|opcode| opcode & 7 != 7).map(move |opcode| {
            let registers = (upper * 7 + funct3 * 3 + opcode) & 0x1f;
            let low = (registers ^ 9) << 7 | opcode << 2 | 3;
            upper << 20 | registers << 15 | funct3 << 12 | low
        })
    }));
    assert!(agree(&code) > 850_000);
}

/// Encodings of one word and their neighbors: `sret`, `sfence.w.inval` and the like.
#[test]
#[ignore = "needs a disassembler: cargo test -- --include-ignored"]
fn system_encodings_equal_the_disassemblers() {
    let code = words((0..1_u32 << 12).flat_map(|function| {
        [0, 1 << 7, 1 << 15, 31 << 15, 31 << 7].map(|registers| function << 20 | registers | 0x73)
    }));
    assert_eq!(agree(&code), 5 << 12);
}

#[test]
#[ignore = "needs a disassembler: cargo test -- --include-ignored"]
fn random_encodings_equal_the_disassemblers() {
    let mut state = 1_u64;
    let code = words((0..400_000).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let word = (state >> 32) as u32;
        if word & 0b1_1100 == 0b1_1100 { word & !4 | 3 } else { word | 3 }
    }));
    assert!(agree(&code) > 390_000);
}
