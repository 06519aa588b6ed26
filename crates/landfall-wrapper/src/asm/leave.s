# The page by which harts leave the wrapper. Both address spaces have it, at one address. So it does
# not matter by which of them an instruction between is fetched. The new space has a copy, in which
# the words at landfall_wrapper_known are filled in.
#
# fn landfall_wrapper_leave(ticket: *const Ticket) -> !
#   a0  words on the hart's stack, which is wiped:
#
#    0  a0 of the inner kernel           40  satp of the new tables
#    8  a1 of the inner kernel           48  0 if stvec is 0 for the inner kernel
#   16  the top of the new stack         56  the field FS of sstatus
#   24  the address to go on, or 0       64  the first byte of the old stack
#   32  the address of a release word    72  the end of the old stack
#                                       80  the address of a state word
#
# A hart without an address to go on waits for one. It writes 1 to the state word, and reads the
# release word until that is not 0 any more. Both words are in the linear map.
#
# Interrupts are off. No stack is used.

.section .text.landfall_wrapper_leave, "ax", @progbits
.option push
.option norvc
.option norelax
.option arch, +f, +d
.balign {PAGE}
.global landfall_wrapper_leave
.global landfall_wrapper_enter
landfall_wrapper_leave:
    ld      s0, 0(a0)
    ld      s1, 8(a0)
    ld      s2, 16(a0)
    ld      t0, 24(a0)
    ld      s3, 32(a0)
    ld      s4, 40(a0)
    ld      s5, 48(a0)
    ld      s6, 56(a0)
    ld      s7, 64(a0)
    ld      s8, 72(a0)
    ld      s9, 80(a0)
1:  bgeu    s7, s8, 2f                  # the old stack may hold draws and keys
    sd      zero, 0(s7)
    addi    s7, s7, 8
    j       1b
2:  mv      sp, zero
    lla     t1, landfall_wrapper_trap
    csrw    stvec, t1
    fence.i                             # the copy of this page was written as data
    sfence.vma zero, zero               # the tables were written just now
    csrw    satp, s4
    sfence.vma zero, zero               # nothing of the old address space stays
    bnez    t0, 4f
    fence   rw, w
    li      t1, 1
    sd      t1, 0(s9)
3:  .word   0x0100000f                  # pause
    ld      t0, 0(s3)
    beqz    t0, 3b
    fence   r, rw
    sfence.vma zero, zero               # the inner kernel may have changed the tables
4:  fence.i                             # the inner kernel was written as data
    csrw    sscratch, zero
    csrw    sepc, zero
    csrw    scause, zero
    csrw    stval, zero
    li      t1, {FS}
    csrs    sstatus, t1
    .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fmv.d.x f\number, zero
    .endr
    csrw    fcsr, zero
    li      t1, {CLEARED}
    csrc    sstatus, t1
    csrs    sstatus, s6
    bnez    s5, 5f
    csrw    stvec, zero
5:  mv      a0, s0
    mv      a1, s1
    mv      sp, s2
    .irp    register, ra, gp, tp, t1, t2, t3, t4, t5, t6, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, a2, a3, a4, a5, a6, a7
    mv      \register, zero
    .endr
landfall_wrapper_enter:                 # the boot hart comes first; debuggers know this name
    jr      t0

# A trap before the inner kernel has set stvec: it prints the registers, and powers off. The line
# begins as tools expect of a panic.
.balign 4
landfall_wrapper_trap:
    lla     s1, landfall_wrapper_text
    call    landfall_wrapper_print
    csrr    s2, scause
    call    landfall_wrapper_number
    lla     s1, landfall_wrapper_sepc
    call    landfall_wrapper_print
    csrr    s2, sepc
    call    landfall_wrapper_address
    lla     s1, landfall_wrapper_stval
    call    landfall_wrapper_print
    csrr    s2, stval
    csrr    t0, scause
    addi    t0, t0, -2                  # illegal instruction: stval is the instruction, or 0
    lla     s1, landfall_wrapper_number
    beqz    t0, 1f
    lla     s1, landfall_wrapper_address
1:  jalr    s1
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

# in: s1 = text that ends with a zero    clobbers s1, s3, s5, a0-a1, a6-a7
landfall_wrapper_print:
    mv      s3, ra
1:  lbu     a0, 0(s1)
    beqz    a0, 2f
    call    landfall_wrapper_byte
    addi    s1, s1, 1
    j       1b
2:  jr      s3

# Prints an address. One within the inner kernel is printed as linked, which hides its place. Any
# other is printed if the policy discloses addresses, or if it is near null.
# in: s2 = an address    clobbers s1-s7, a0-a1, a6-a7, t0-t2
landfall_wrapper_address:
    mv      s6, ra
    lla     s7, landfall_wrapper_known
    ld      t0, 0(s7)
    sub     t1, s2, t0
    ld      t2, 8(s7)
    bltu    t1, t2, 1f
    mv      ra, s6
    ld      t0, 24(s7)
    bnez    t0, landfall_wrapper_number
    lui     t0, 16
    bltu    s2, t0, landfall_wrapper_number
    lla     s1, landfall_wrapper_withheld
    j       landfall_wrapper_print
1:  ld      s2, 16(s7)
    add     s2, s2, t1
    call    landfall_wrapper_number
    lla     s1, landfall_wrapper_linked
    mv      ra, s6
    j       landfall_wrapper_print

# in: s2 = a number    clobbers s3-s5, a0-a1, a6-a7, t0
landfall_wrapper_number:
    mv      s3, ra
    li      a0, '0'
    call    landfall_wrapper_byte
    li      a0, 'x'
    call    landfall_wrapper_byte
    li      s4, 60
1:  srl     t0, s2, s4                  # from the first digit that is not 0
    bnez    t0, 2f
    addi    s4, s4, -4
    bnez    s4, 1b
2:  srl     a0, s2, s4
    andi    a0, a0, 15
    li      t0, 10
    bltu    a0, t0, 3f
    addi    a0, a0, 'a' - '0' - 10
3:  addi    a0, a0, '0'
    call    landfall_wrapper_byte
    addi    s4, s4, -4
    bgez    s4, 2b
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
    .asciz  "\nlandfall: panic the inner kernel trapped before it set stvec: scause "
landfall_wrapper_sepc:
    .asciz  ", sepc "
landfall_wrapper_stval:
    .asciz  ", stval "
landfall_wrapper_linked:
    .asciz  " as linked"
landfall_wrapper_withheld:
    .asciz  "withheld"
landfall_wrapper_end:
    .asciz  "\n"
# Start and size of the inner kernel, its start as linked, and not 0 if addresses are disclosed.
.balign 8
.global landfall_wrapper_known
landfall_wrapper_known:
    .dword  0, 0, 0, 0
.org landfall_wrapper_leave + {PAGE}    # an error, if it is longer
.option pop
