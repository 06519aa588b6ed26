//! A kernel without landfall: sv39, and one leaf of 1 GiB that is writable and executable.

#![no_std]
#![no_main]

use core::arch::global_asm;

global_asm!(
    ".section .text.start, \"ax\"",
    ".globl _start",
    "_start:",
    // The leaf at index 2 maps 0x80000000 to itself: V, R, W, X, A, D.
    "   lla     t0, table",
    "   li      t1, 0x200000cf",
    "   sd      t1, 16(t0)",
    "   srli    t1, t0, 12",
    "   li      t2, 8 << 60",
    "   or      t1, t1, t2",
    "   sfence.vma",
    "   csrw    satp, t1",
    "   sfence.vma",
    "   lla     s0, text",
    "1: lbu     a0, 0(s0)",
    "   beqz    a0, 2f",
    // Legacy console putchar of the SBI.
    "   li      a7, 1",
    "   ecall",
    "   addi    s0, s0, 1",
    "   j       1b",
    "2: wfi",
    "   j       2b",
    "text:",
    "   .asciz  \"other: ready\\n\"",
    ".section .bss.table, \"aw\", @nobits",
    "   .balign 4096",
    "table:",
    "   .zero   4096",
);

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
