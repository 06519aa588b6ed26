//! Jumps, loads, stores, words and atomics.

use super::{A, Bench, DATA};
use crate::hart::testing::RAM;
use crate::hart::trap::Cause;

#[test]
fn a_jump_links_the_next_instruction_of_its_length() {
    let mut bench = Bench::new([0, RAM + 0x101, 0]);
    // jal a0, 0x800
    assert_eq!(bench.execute(0x0010_056f), Ok(()));
    assert_eq!((bench.hart.pc, bench.hart.get(A[0])), (RAM + 0x800, RAM + 4));
    // jalr a1, 3(a1): the target comes from the old value, and its lowest bit is cleared.
    assert_eq!(bench.execute(0x0035_85e7), Ok(()));
    assert_eq!((bench.hart.pc, bench.hart.get(A[1])), (RAM + 0x104, RAM + 4));
    // c.jalr a1
    assert_eq!(bench.execute(0x9582), Ok(()));
    assert_eq!((bench.hart.pc, bench.hart.get(1)), (RAM + 4, RAM + 2));
}

#[test]
fn branches_compare_as_their_names_say() {
    // beq, bne, blt, bge, bltu, bgeu a1, a2, 0x20
    let encodings = [0, 1, 4, 5, 6, 7].map(|funct3| 0x02c5_8063 | funct3 << 12);
    let cases = [
        (5, 5, [true, false, false, true, false, true]),
        (1, 2, [false, true, true, false, true, false]),
        (u64::MAX, 1, [false, true, true, false, false, true]),
    ];
    for (a, b, taken) in cases {
        let mut bench = Bench::new([0, a, b]);
        for (bits, taken) in encodings.into_iter().zip(taken) {
            assert_eq!(bench.execute(bits), Ok(()));
            let target = if taken { RAM + 0x20 } else { RAM + 4 };
            assert_eq!(bench.hart.pc, target, "{bits:#x} {a:#x} {b:#x}");
        }
    }
}

#[test]
fn loads_extend_and_stores_leave_their_neighbors() {
    let mut bench = Bench::new([0, DATA, 0x8182_8384_8586_8788]);
    bench.a0(0x00c5_b023); // sd a2, 0(a1)
    // lb, lh, lw, ld, lbu, lhu, lwu a0, 0(a1)
    let loaded = [0, 1, 2, 3, 4, 5, 6].map(|funct3| bench.a0(0x0005_8503 | funct3 << 12));
    assert_eq!(
        loaded,
        [
            0xffff_ffff_ffff_ff88,
            0xffff_ffff_ffff_8788,
            0xffff_ffff_8586_8788,
            0x8182_8384_8586_8788,
            0x88,
            0x8788,
            0x8586_8788,
        ]
    );
    bench.hart.set(A[2], 0);
    bench.a0(0x00c5_80a3); // sb a2, 1(a1)
    bench.a0(0x00c5_9123); // sh a2, 2(a1)
    bench.a0(0x00c5_a223); // sw a2, 4(a1)
    assert_eq!(bench.a0(0x0005_b503), 0x88);
}

#[test]
fn instructions_on_words_use_the_low_half_and_extend_its_sign() {
    let mut bench = Bench::new([0, 0x1_8000_0001, 0x20 + 4]);
    let results = [
        0x0015_851b, // addiw a0, a1, 1
        0x00c5_853b, // addw a0, a1, a2
        0x40c5_853b, // subw a0, a1, a2
        0x0045_951b, // slliw a0, a1, 4
        0x0045_d51b, // srliw a0, a1, 4
        0x4045_d51b, // sraiw a0, a1, 4
        0x00c5_953b, // sllw a0, a1, a2: the amount is 4
        0x00c5_d53b, // srlw a0, a1, a2
        0x40c5_d53b, // sraw a0, a1, a2
        0x02c5_853b, // mulw a0, a1, a2
    ]
    .map(|bits| bench.a0(bits));
    assert_eq!(
        results,
        [
            0xffff_ffff_8000_0002,
            0xffff_ffff_8000_0025,
            0x7fff_ffdd,
            0x10,
            0x0800_0000,
            0xffff_ffff_f800_0000,
            0x10,
            0x0800_0000,
            0xffff_ffff_f800_0000,
            0x24,
        ]
    );
}

#[test]
fn shifts_of_double_words_use_six_bits_of_the_amount() {
    let mut bench = Bench::new([0, 0x8000_0000_0000_0001, 0x40 + 33]);
    let results = [
        0x0215_9513, // slli a0, a1, 33
        0x0215_d513, // srli a0, a1, 33
        0x4215_d513, // srai a0, a1, 33
        0x00c5_9533, // sll a0, a1, a2
        0x00c5_d533, // srl a0, a1, a2
        0x40c5_d533, // sra a0, a1, a2
    ]
    .map(|bits| bench.a0(bits));
    let shifted = [1 << 33, 0x4000_0000, 0xffff_ffff_c000_0000];
    assert_eq!(results, [shifted, shifted].concat()[..]);
}

#[test]
fn atomics_return_the_old_word_extended_by_its_sign() {
    let mut bench = Bench::new([0, DATA, 0x8000_0000]);
    assert_eq!(bench.a0(0x08c5_a52f), 0, "amoswap.w a0, a2, (a1)");
    assert_eq!(bench.a0(0x00c5_a52f), 0xffff_ffff_8000_0000, "amoadd.w a0, a2, (a1)");
    assert_eq!(bench.a0(0x0005_b503), 0, "the sum has 32 bits");
}

#[test]
fn a_conditional_store_succeeds_once_after_its_reservation() {
    let mut bench = Bench::new([0, DATA, 7]);
    assert_eq!(bench.a0(0x18c5_b52f), 1, "sc.d without a reservation");
    assert_eq!(bench.a0(0x1005_b52f), 0, "lr.d a0, (a1)");
    assert_eq!(bench.a0(0x18c5_b52f), 0, "sc.d a0, a2, (a1)");
    assert_eq!(bench.a0(0x18c5_b52f), 1, "the reservation is gone");
    assert_eq!(bench.a0(0x0005_b503), 7);
}

#[test]
fn misaligned_atomics_trap_on_any_hart() {
    let mut bench = Bench::new([0, DATA + 4, 7]);
    assert_eq!(bench.trap(0x1005_b52f), (Cause::LoadMisaligned, DATA + 4), "lr.d");
    assert_eq!(bench.trap(0x18c5_b52f), (Cause::StoreMisaligned, DATA + 4), "sc.d");
    assert_eq!(bench.trap(0x00c5_b52f), (Cause::StoreMisaligned, DATA + 4), "amoadd.d");
    bench.hart.set(A[1], DATA + 2);
    assert_eq!(bench.trap(0x1005_a52f), (Cause::LoadMisaligned, DATA + 2), "lr.w");
}
