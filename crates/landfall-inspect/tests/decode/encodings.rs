//! Every encoding means what the disassembler says.

use landfall_inspect::decode::{Operation, decode};
use proptest::prelude::*;

use super::judge::judge;
use super::raw::disassemble_bytes;

fn agree_on(words: &[u32]) {
    let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let compared = judge(&disassemble_bytes(&code));
    assert!(compared * 10 > words.len() * 9, "{compared} of {}", words.len());
}

#[test]
#[ignore = "needs a disassembler: cargo test -- --include-ignored"]
fn all_compressed_encodings() {
    let parcels: Vec<u16> = (0..=u16::MAX).filter(|parcel| parcel & 3 != 3).collect();
    let code: Vec<u8> = parcels.iter().flat_map(|parcel| parcel.to_le_bytes()).collect();
    let compared = judge(&disassemble_bytes(&code));
    assert_eq!(compared, 3 << 14);
}

/// All combinations of opcode, `funct3`, `funct7` and what stands where `rs2` does; other registers
/// as they come.
#[test]
#[ignore = "needs a disassembler: cargo test -- --include-ignored"]
fn all_functions_of_32_bits() {
    let mut words = Vec::new();
    for upper in 0..1 << 12 {
        for funct3 in 0..8 {
            for opcode in 0..31 {
                if opcode & 7 != 7 {
                    let registers = (upper * 7 + funct3 * 3 + opcode) & 0x1f;
                    words.push(
                        upper << 20 | registers << 15 | funct3 << 12 | (registers ^ 9) << 7 | opcode << 2 | 3,
                    );
                }
            }
        }
    }
    agree_on(&words);
}

/// Vectors: all combinations of `funct6`, mask bit, `rs1` (which chooses among operations with one
/// source) and `funct3`, with registers that are and are not aligned.
#[test]
#[ignore = "needs a disassembler: cargo test -- --include-ignored"]
fn all_functions_of_vectors() {
    let mut words = Vec::new();
    for opcode in [0x57, 0x77, 0x07, 0x27] {
        for upper in 0..1 << 7 {
            for lower in 0..1 << 8 {
                for (source, destination) in [(0, 8), (8, 9), (27, 18)] {
                    words.push(upper << 25 | source << 20 | lower << 12 | destination << 7 | opcode);
                }
            }
        }
    }
    agree_on(&words);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]
    #[test]
    #[ignore = "needs a disassembler: cargo test -- --include-ignored"]
    fn random_words(words in prop::collection::vec(word(), 20_000)) {
        agree_on(&words);
    }
}

/// Any encoding of 32 bits.
fn word() -> impl Strategy<Value = u32> {
    any::<u32>().prop_map(|word| if word & 0b1_1100 == 0b1_1100 { word & !4 | 3 } else { word | 3 })
}

/// The privileged instructions, which are single words, and their neighbors.
#[test]
#[ignore = "needs a disassembler: cargo test -- --include-ignored"]
fn system_instructions() {
    let mut words: Vec<u32> = (0..1 << 12).map(|function| function << 20 | 0x73).collect();
    words.extend([0x1020_0073, 0x3020_0073, 0x1050_0073, 0x1200_0073, 0x12b5_0073, 0x0010_00f3]);
    agree_on(&words);
}

#[test]
fn csr_numbers_are_the_upper_twelve_bits() {
    for csr in 0u32..1 << 12 {
        let word = csr << 20 | 10 << 15 | 1 << 12 | 5 << 7 | 0x73;
        let found = decode(&word.to_le_bytes()).unwrap().operation;
        assert!(matches!(found, Operation::Csr { csr: found, .. } if u32::from(found) == csr));
    }
}
