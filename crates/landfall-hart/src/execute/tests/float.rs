//! Instructions of F and D: their registers, flags and states.

use super::{A, Bench, DATA};
use crate::hart::csr::status::{FS, FS_DIRTY};
use crate::hart::trap::Cause;

const FADD_S: u32 = 0x00c5_f553; // fadd.s fa0, fa1, fa2, dyn
const FADD_D: u32 = 0x02c5_f553; // fadd.d fa0, fa1, fa2, dyn
const FLW: u32 = 0x0005_a507; // flw fa0, 0(a1)
const FSW: u32 = 0x00a5_a027; // fsw fa0, 0(a1)
const FMV_X_W: u32 = 0xe005_8553; // fmv.x.w a0, fa1
const FEQ_S: u32 = 0xa0c5_a553; // feq.s a0, fa1, fa2
const INITIAL: u64 = 1 << 13;
const BOXED: u64 = 0xffff_ffff_0000_0000;
const ONE: u64 = BOXED | 0x3f80_0000;
const TWO: u64 = BOXED | 0x4000_0000;
const THIRD: u64 = BOXED | 0x3eaa_aaab;
const NAN: u64 = BOXED | 0x7fc0_0000;

/// Returns a hart whose `fa1` and `fa2` have values, and whose FS is Initial.
fn bench(values: [u64; 2]) -> Bench {
    let mut bench = Bench::new([0, DATA, 0]);
    bench.hart.f[11] = values[0];
    bench.hart.f[12] = values[1];
    bench.hart.csrs.sstatus = bench.hart.csrs.sstatus & !FS | INITIAL;
    bench.hart.csrs.fcsr = 0;
    bench
}

/// Returns FS, `fa0` and the flags.
fn state(bench: &Bench) -> (u64, u64, u64) {
    (bench.hart.csrs.sstatus & FS, bench.hart.f[10], bench.hart.csrs.fcsr & 31)
}

#[test]
fn all_are_illegal_while_the_unit_is_off() {
    let mut bench = bench([ONE, TWO]);
    bench.hart.csrs.sstatus &= !FS;
    for bits in [FADD_S, FADD_D, FLW, FSW, FMV_X_W, FEQ_S, 0x2188, 0xa188] {
        assert_eq!(bench.trap(bits), (Cause::IllegalInstruction, 0), "{bits:#x}");
    }
}

#[test]
fn a_write_of_a_register_makes_the_unit_dirty_and_boxes_the_value() {
    let mut bench = bench([ONE, ONE]);
    bench.a0(FADD_S);
    assert_eq!(state(&bench), (FS_DIRTY, TWO, 0));
}

#[test]
fn a_flag_makes_the_unit_dirty_and_an_exact_comparison_does_not() {
    let mut bench = bench([ONE, ONE]);
    assert_eq!(bench.a0(FEQ_S), 1);
    assert_eq!(state(&bench).0, INITIAL);
    bench.hart.f[11] = BOXED | 0x7f80_0001;
    assert_eq!(bench.a0(FEQ_S), 0);
    assert_eq!((state(&bench).0, state(&bench).2), (FS_DIRTY, 16));
}

#[test]
fn flags_accumulate() {
    let mut bench = bench([THIRD, ONE]);
    bench.hart.csrs.fcsr = 8;
    bench.a0(FADD_S);
    assert_eq!(state(&bench).2, 9);
}

#[test]
fn a_value_that_is_not_boxed_is_a_nan_to_arithmetic_and_bits_to_moves_and_stores() {
    let raw = 0x1234_5678_3f80_0000;
    let mut bench = bench([raw, ONE]);
    bench.a0(FADD_S);
    assert_eq!(state(&bench).1, NAN);
    assert_eq!(bench.a0(FMV_X_W), 0x3f80_0000);
    bench.hart.f[10] = 0x8000_0000;
    bench.a0(FSW);
    assert_eq!(bench.a0(0x0005_a503), 0xffff_ffff_8000_0000, "lw a0, 0(a1)");
    bench.a0(FLW);
    assert_eq!(state(&bench).1, BOXED | 0x8000_0000);
    // fsgnj.s fa0, fa1, fa2
    bench.a0(0x20c5_8553);
    assert_eq!(state(&bench).1, NAN);
}

#[test]
fn the_rounding_mode_is_the_instructions_or_that_of_fcsr() {
    // fdiv.s fa0, fa1, fa2 with each mode; 1/3 is between two values.
    let mut bench = bench([ONE, BOXED | 0x4040_0000]);
    let down = BOXED | 0x3eaa_aaaa;
    let results = [0, 1, 2, 3, 4].map(|mode| {
        bench.a0(0x18c5_8553 | mode << 12);
        let immediate = state(&bench).1;
        bench.hart.csrs.fcsr = u64::from(mode) << 5;
        bench.a0(0x18c5_f553);
        assert_eq!(state(&bench).1, immediate, "mode {mode}");
        immediate
    });
    assert_eq!(results, [THIRD, down, down, THIRD, THIRD]);
}

#[test]
fn a_reserved_mode_of_fcsr_is_illegal_for_instructions_that_round_by_it() {
    let mut bench = bench([ONE, ONE]);
    for mode in [5, 6, 7] {
        bench.hart.csrs.fcsr = mode << 5;
        assert_eq!(bench.trap(FADD_S), (Cause::IllegalInstruction, 0));
        assert_eq!(state(&bench).0, INITIAL);
        assert_eq!(bench.a0(FEQ_S), 1);
        // With a mode of its own: fadd.s fa0, fa1, fa2, rne
        bench.execute(0x00c5_8553).expect("legal");
        bench.hart.csrs.sstatus = bench.hart.csrs.sstatus & !FS | INITIAL;
    }
}

#[test]
fn fused_instructions_differ_in_the_signs_of_product_and_addend() {
    let mut bench = bench([BOXED | 0x4040_0000, TWO]); // 3 and 2
    bench.hart.f[13] = ONE;
    // fmadd.s, fmsub.s, fnmsub.s, fnmadd.s fa0, fa1, fa2, fa3
    let results = [0x43, 0x47, 0x4b, 0x4f].map(|opcode| {
        bench.a0(0x68c5_f500 | opcode);
        state(&bench).1 as u32
    });
    assert_eq!(results, [7.0_f32, 5.0, -5.0, -7.0].map(f32::to_bits));
}

#[test]
fn conversions_choose_their_width_and_sign() {
    let mut bench = bench([BOXED | u64::from((-1.5_f32).to_bits()), 0]);
    // fcvt.w.s, fcvt.wu.s, fcvt.l.s, fcvt.lu.s a0, fa1, rtz
    let results = [0, 1, 2, 3].map(|kind| bench.a0(0xc005_9553 | kind << 20));
    assert_eq!(results, [u64::MAX, 0, u64::MAX, 0]);
    assert_eq!(state(&bench).2, 17, "inexact, and invalid for the unsigned ones");
    bench.hart.f[11] = BOXED | u64::from(4e9_f32.to_bits());
    let results = [0, 1, 2, 3].map(|kind| bench.a0(0xc005_9553 | kind << 20));
    let four = 4_000_000_000;
    assert_eq!(results, [0x7fff_ffff, 0xffff_ffff_0000_0000 | four, four, four]);
    // fcvt.d.w, fcvt.d.wu, fcvt.d.l, fcvt.d.lu fa0, a2
    bench.hart.set(A[2], u64::MAX);
    let results = [0, 1, 2, 3].map(|kind| {
        bench.a0(0xd206_7553 | kind << 20);
        state(&bench).1
    });
    let values = [-1.0, 4_294_967_295.0, -1.0, 18_446_744_073_709_551_616.0];
    assert_eq!(results, values.map(f64::to_bits));
    // fcvt.d.s fa0, fa1 and fcvt.s.d fa1, fa0
    bench.a0(0x4205_8553);
    assert_eq!(state(&bench).1, 4e9_f64.to_bits());
    bench.a0(0x4015_75d3);
    assert_eq!(bench.hart.f[11], BOXED | u64::from(4e9_f32.to_bits()));
}

#[test]
fn double_loads_and_stores_have_both_lengths() {
    let mut bench = bench([0; 2]);
    bench.hart.f[10] = 0x4008_0000_0000_0001;
    bench.execute(0xa188).expect("c.fsd fa0, 0(a1)");
    bench.hart.f[10] = 0;
    bench.execute(0x2188).expect("c.fld fa0, 0(a1)");
    assert_eq!(state(&bench), (FS_DIRTY, 0x4008_0000_0000_0001, 0));
    bench.a0(0x0005_b507); // fld fa0, 0(a1)
    assert_eq!(bench.a0(0x0005_b503), 0x4008_0000_0000_0001, "ld a0, 0(a1)");
}
