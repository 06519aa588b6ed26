# The page by which harts leave the wrapper. Both address spaces have it, at one address: so it does
# not matter by which of them an instruction between is fetched.
#
# fn landfall_wrapper_leave(hart, argument, record, stack, satp, entry, wipe, wipe_end) -> !
#   a0  the hart's id               a4  satp of the new tables
#   a1  the argument                a5  the inner kernel's entry, if a2 is 0
#   a2  the hart's record, or 0     a6  the wrapper's stack of this hart
#   a3  the top of the new stack    a7  its end
#
# With a record the hart waits: it writes 1 to the word at 8, and reads the word at 0 until that is
# not 0 any more, but the address at which to go on. The record is in the linear map.
#
# Interrupts are off. No stack is used.

.section .text.landfall_wrapper_leave, "ax", @progbits
.option push
.option norvc
.option norelax
.option arch, +f, +d
.balign {PAGE}
.global landfall_wrapper_leave
landfall_wrapper_leave:
1:  bgeu    a6, a7, 2f                  # the old stack may hold draws and keys
    sd      zero, 0(a6)
    addi    a6, a6, 8
    j       1b
2:  mv      sp, zero
    lla     t0, landfall_wrapper_trap
    csrw    stvec, t0
    sfence.vma zero, zero               # the tables were written just now
    csrw    satp, a4
    sfence.vma zero, zero               # nothing of the old address space stays
    beqz    a2, 4f
    fence   rw, w
    li      t0, 1
    sd      t0, 8(a2)
3:  .word   0x0100000f                  # pause
    ld      a5, 0(a2)
    beqz    a5, 3b
    fence   r, rw
    sfence.vma zero, zero               # the inner kernel may have changed the tables
4:  fence.i                             # the inner kernel was written as data
    csrw    sepc, a5
    csrw    sscratch, zero
    csrw    scause, zero
    csrw    stval, zero
    mv      sp, a3
    li      t0, {FS}
    csrs    sstatus, t0
    .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fmv.d.x f\number, zero
    .endr
    csrw    fcsr, zero
    li      t0, {FS} | {INTERRUPTS}
    csrc    sstatus, t0
    li      t0, {FS_INITIAL} | {SUPERVISOR}
    csrs    sstatus, t0
    .irp    register, ra, gp, tp, t0, t1, t2, t3, t4, t5, t6, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, a2, a3, a4, a5, a6, a7
    mv      \register, zero
    .endr
    sret                                # to sepc: a jump that needs no register

# A trap before the inner kernel has set stvec. It prints the registers, and powers off with failure.
.balign 4
landfall_wrapper_trap:
    lla     s1, landfall_wrapper_text
    call    landfall_wrapper_print
    csrr    s2, scause
    call    landfall_wrapper_number
    lla     s1, landfall_wrapper_sepc
    call    landfall_wrapper_print
    csrr    s2, sepc
    call    landfall_wrapper_number
    lla     s1, landfall_wrapper_stval
    call    landfall_wrapper_print
    csrr    s2, stval
    call    landfall_wrapper_number
    lla     s1, landfall_wrapper_end
    call    landfall_wrapper_print
    li      a7, 0x53525354              # SRST
    li      a6, 0
    li      a0, 0                       # shutdown
    li      a1, 1                       # system failure
    ecall
    li      a7, 8                       # legacy shutdown
    ecall
1:  wfi
    j       1b

# in: s1 = text that ends with a zero    clobbers s1, s3, a0-a1, a6-a7, t0
landfall_wrapper_print:
    mv      s3, ra
1:  lbu     a0, 0(s1)
    beqz    a0, 2f
    call    landfall_wrapper_byte
    addi    s1, s1, 1
    j       1b
2:  jr      s3

# in: s2 = a number    clobbers s2-s5, a0-a1, a6-a7, t0
landfall_wrapper_number:
    mv      s3, ra
    li      s4, 60
1:  srl     a0, s2, s4
    andi    a0, a0, 15
    li      t0, 10
    bltu    a0, t0, 2f
    addi    a0, a0, 'a' - '0' - 10
2:  addi    a0, a0, '0'
    call    landfall_wrapper_byte
    addi    s4, s4, -4
    bgez    s4, 1b
    jr      s3

# in: a0 = a byte    clobbers s5, a0-a1, a6-a7
landfall_wrapper_byte:
    mv      s5, a0
    li      a7, 0x4442434e              # DBCN
    li      a6, 2                       # console_write_byte
    ecall
    beqz    a0, 1f
    mv      a0, s5
    li      a7, 1                       # legacy console_putchar
    ecall
1:  ret
landfall_wrapper_text:
    .asciz  "landfall: the inner kernel trapped before it set stvec: scause 0x"
landfall_wrapper_sepc:
    .asciz  ", sepc 0x"
landfall_wrapper_stval:
    .asciz  ", stval 0x"
landfall_wrapper_end:
    .asciz  "\n"
.org landfall_wrapper_leave + {PAGE}    # an error, if it is longer
.option pop
