//! CSRs, calls, fences and cache blocks, in both modes.

use super::{A, Bench, DATA};
use crate::hart::Privilege;
use crate::hart::testing::RAM;
use crate::hart::trap::{Cause, Exit};

const ECALL: u32 = 0x0000_0073;
const EBREAK: u32 = 0x0010_0073;
const SRET: u32 = 0x1020_0073;
const WFI: u32 = 0x1050_0073;
const SFENCE_VMA: u32 = 0x1200_0073;
const SINVAL_VMA: u32 = 0x1600_0073;
const SFENCE_W_INVAL: u32 = 0x1800_0073;
const SFENCE_INVAL_IR: u32 = 0x1810_0073;
const FENCE_I: u32 = 0x0000_100f;
/// `cbo.inval (a1)`, `cbo.clean (a1)`, `cbo.flush (a1)`, `cbo.zero (a1)`.
const BLOCKS: [u32; 4] = [0x0005_a00f, 0x0015_a00f, 0x0025_a00f, 0x0045_a00f];

#[test]
fn instructions_of_the_supervisor_are_illegal_in_user_mode() {
    let mut bench = Bench::new([0; 3]);
    bench.hart.privilege = Privilege::User;
    for bits in [SRET, WFI, SFENCE_VMA, SINVAL_VMA, SFENCE_W_INVAL, SFENCE_INVAL_IR] {
        assert_eq!(bench.trap(bits), (Cause::IllegalInstruction, 0), "{bits:#x}");
    }
}

#[test]
fn the_loop_ends_behind_instructions_after_which_all_may_differ() {
    let mut bench = Bench::new([0; 3]);
    for (bits, exit) in [
        (WFI, Exit::Wait),
        (ECALL, Exit::Call),
        (SFENCE_VMA, Exit::Resync),
        (SINVAL_VMA, Exit::Resync),
        (FENCE_I, Exit::Resync),
        (0x1005_9073, Exit::Evaluate), // csrw sstatus, a1
        (0x1041_7073, Exit::Evaluate), // csrci sie, 2
        (0x1440_e073, Exit::Evaluate), // csrsi sip, 1
        (0x14d5_9073, Exit::Resync),   // csrw stimecmp, a1
        (0x1805_9573, Exit::Resync),   // csrrw a0, satp, a1
    ] {
        assert_eq!(bench.execute(bits), Err(exit), "{bits:#x}");
        assert_eq!(bench.hart.pc, RAM + 4, "{bits:#x}");
    }
    for bits in [SFENCE_W_INVAL, SFENCE_INVAL_IR] {
        bench.a0(bits);
    }
    // csrr a0, satp changes nothing, and csrw sscratch, a1 nothing that the loop looks at.
    bench.a0(0x1800_2573);
    bench.a0(0x1405_9073);
}

#[test]
fn calls_and_breakpoints_trap_with_their_causes() {
    let mut bench = Bench::new([0; 3]);
    assert_eq!(bench.trap(EBREAK), (Cause::Breakpoint, RAM));
    bench.hart.privilege = Privilege::User;
    assert_eq!(bench.trap(ECALL), (Cause::UserCall, 0));
    assert_eq!(bench.trap(0x9002), (Cause::Breakpoint, RAM), "c.ebreak");
}

#[test]
fn an_illegal_encoding_is_the_traps_value() {
    let mut bench = Bench::new([0; 3]);
    assert_eq!(bench.trap(0x0bad_007f), (Cause::IllegalInstruction, 0x0bad_007f));
    assert_eq!(bench.trap(0x1234_0000), (Cause::IllegalInstruction, 0));
    assert_eq!(bench.trap(0x3020_0073), (Cause::IllegalInstruction, 0x3020_0073), "mret");
}

#[test]
fn csr_instructions_return_the_old_value_and_use_the_old_source() {
    let mut bench = Bench::new([0, 0x55, 0xf]);
    bench.a0(0x1405_9073); // csrw sscratch, a1
    assert_eq!(bench.a0(0x1406_2573), 0x55, "csrrs a0, sscratch, a2");
    assert_eq!(bench.a0(0x1401_f573), 0x5f, "csrrci a0, sscratch, 3");
    assert_eq!(bench.a0(0x1405_1573), 0x5c, "csrrw a0, sscratch, a0");
    assert_eq!(bench.a0(0x1400_2573), 0x5f, "csrrw wrote a0 as it was");
    assert_eq!(bench.a0(0x140f_d073), 0x5f, "csrwi sscratch, 31 has no destination");
    assert_eq!(bench.a0(0x1400_6573), 31, "csrrsi a0, sscratch, 0");
}

#[test]
fn a_source_of_x0_or_0_writes_no_read_only_csr_and_another_source_does() {
    let mut bench = Bench::new([0; 3]);
    bench.a0(0xc000_2573); // csrrs a0, cycle, x0
    bench.a0(0xc000_7573); // csrrci a0, cycle, 0
    // The register holds 0, but it is not x0.
    assert_eq!(bench.trap(0xc005_a573), (Cause::IllegalInstruction, 0), "csrrs a0, cycle, a1");
    assert_eq!(bench.trap(0xc000_1573), (Cause::IllegalInstruction, 0), "csrrw a0, cycle, x0");
    // A read of `seed` has to write it.
    assert!(bench.is_illegal(0x0150_2573), "csrrs a0, seed, x0");
    bench.a0(0x0150_1573); // csrrw a0, seed, x0
}

#[test]
fn cache_blocks_need_their_extension_and_in_user_mode_their_enable_bit() {
    let mut bench = Bench::new([0, DATA, 0]);
    let legal = |bench: &mut Bench| BLOCKS.map(|bits| !bench.is_illegal(bits));
    assert_eq!(legal(&mut bench), [true; 4]);
    bench.hart.privilege = Privilege::User;
    for (senvcfg, expected) in [
        (0, [false; 4]),
        (1 << 4, [true, false, false, false]),
        (3 << 4, [true, false, false, false]),
        (1 << 6, [false, true, true, false]),
        (1 << 7, [false, false, false, true]),
    ] {
        bench.hart.csrs.senvcfg = senvcfg;
        assert_eq!(legal(&mut bench), expected, "{senvcfg:#x}");
    }
    bench.hart.privilege = Privilege::Supervisor;
    bench.world.config.extensions.zicboz = false;
    assert_eq!(legal(&mut bench), [true, true, true, false]);
    bench.world.config.extensions.zicbom = false;
    assert_eq!(legal(&mut bench), [false; 4]);
}

#[test]
fn a_zeroed_block_is_the_one_around_the_address() {
    let mut bench = Bench::new([0, DATA + 0x44, u64::MAX]);
    for offset in [0x38_u32, 0x40, 0x78, 0x80] {
        bench.hart.set(A[1], DATA + u64::from(offset));
        bench.a0(0x00c5_b023); // sd a2, 0(a1)
    }
    bench.hart.set(A[1], DATA + 0x44);
    bench.a0(BLOCKS[3]);
    let words = [0x38, 0x40, 0x78, 0x80].map(|offset| {
        bench.hart.set(A[1], DATA + offset);
        bench.a0(0x0005_b503) // ld a0, 0(a1)
    });
    assert_eq!(words, [u64::MAX, 0, 0, u64::MAX]);
}

#[test]
fn memory_management_fences_of_svinval_need_the_extension() {
    let mut bench = Bench::new([0; 3]);
    bench.world.config.extensions.svinval = false;
    for bits in [SINVAL_VMA, SFENCE_W_INVAL, SFENCE_INVAL_IR] {
        assert!(bench.is_illegal(bits), "{bits:#x}");
    }
}
