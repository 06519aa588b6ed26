# The trap entry saves all registers in a frame and calls Rust. The frame lies on the hart's stack,
# or on its overflow stack if `sp` has left the stack. Nothing is pushed before `sp` is known to be
# good, so no trap writes beyond a stack.
#
# While a kernel uses it, sscratch holds the address of the hart's trap record (module `trap`). The
# overflow stack lies below the record.
#
#   0  bottom of the stack               24  room for t0, t1, t2
#   8  bytes of the stack                48  the hart's id
#  16  the same, minus a frame           56  the handler
#  64  the function that this trap calls 72  nonzero if the stack has overflown
#
# The frame (module `trap`) has 560 bytes.
#
#   0  x0 to x31     272  scause         544  fcsr
# 256  sepc          280  stval          552  the hart's id
# 264  sstatus       288  f0 to f31

.section .text.landfall_trap, "ax", @progbits
.option push
.option norvc
.option norelax
.option arch, +a, +d
.balign 4
.global landfall_trap
landfall_trap:
    csrrw   sp, sscratch, sp            # sp = the record
    sd      t0, 24(sp)
    sd      t1, 32(sp)
    sd      t2, 40(sp)
    csrr    t0, sscratch                # t0 = the interrupted sp
    csrw    sscratch, sp                # from here on a further trap finds the record again
    mv      t2, sp
    ld      t1, 56(t2)
    sd      t1, 64(t2)
    csrr    t1, sstatus
    andi    t1, t1, 0x100               # SPP
    ld      sp, 0(t2)
    bnez    t1, 1f
    ld      t1, 8(t2)                   # from user mode: the stack is empty
    add     sp, sp, t1
    j       3f
1:  sub     sp, t0, sp                  # does a frame fit, and is sp within the stack?
    addi    sp, sp, -{SPACE}
    ld      t1, 16(t2)
    bgtu    sp, t1, 2f
    mv      sp, t0
    j       3f
2:  li      t1, {ROOM} - {SPACE}       # on the overflow stack already: a trap of the panic
    sub     sp, t0, t2
    add     sp, sp, t1
    bleu    sp, t1, 4f
    ld      t1, 72(t2)
    bnez    t1, landfall_trap_lost      # both stacks are used up
    li      t1, 1
    sd      t1, 72(t2)
    lla     t1, landfall_stack_overflow
    sd      t1, 64(t2)
    mv      sp, t2
    j       3f
4:  mv      sp, t0
3:  addi    sp, sp, -{FRAME}
    andi    sp, sp, -16                 # sp may be unaligned: the space is 16 bytes more
    sd      zero, 0(sp)
    sd      ra, 8(sp)
    sd      t0, 16(sp)
    sd      gp, 24(sp)
    sd      tp, 32(sp)
    ld      t1, 24(t2)
    sd      t1, 40(sp)
    ld      t1, 32(t2)
    sd      t1, 48(sp)
    ld      t1, 40(t2)
    sd      t1, 56(sp)
    .irp    number, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd      x\number, 8 * \number(sp)
    .endr
    csrr    t0, sepc
    csrr    t1, sstatus
    csrr    t3, scause
    csrr    t4, stval
    sd      t0, 256(sp)
    sd      t1, 264(sp)
    sd      t3, 272(sp)
    sd      t4, 280(sp)
    ld      t0, 48(t2)
    sd      t0, 552(sp)
    ld      s1, 64(t2)
    li      t3, {FS}
    and     t1, t1, t3
    beqz    t1, 5f
    .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fsd     f\number, 288 + 8 * \number(sp)
    .endr
    frcsr   t0
    sd      t0, 544(sp)
    j       6f
5:  .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd      zero, 288 + 8 * \number(sp) # the handler may turn them on for user mode
    .endr
    sd      zero, 544(sp)
6:  csrs    sstatus, t3                 # the handler may use floating-point registers
    li      t0, {SDT}
    csrc    sstatus, t0                 # all is saved: a further trap is one like any other
    mv      a0, sp
    jalr    s1
    csrci   sstatus, 2                  # SIE, which the handler may have set
    ld      t0, 256(sp)
    ld      t1, 264(sp)
    csrw    sepc, t0
    li      t3, {FS}
    csrs    sstatus, t3
    and     t3, t1, t3
    beqz    t3, 7f
    .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fld     f\number, 288 + 8 * \number(sp)
    .endr
    ld      t0, 544(sp)
    fscsr   t0
7:  csrw    sstatus, t1
    sc.d    zero, zero, (sp)            # ends the code's reservation; x0's place holds 0
    ld      ra, 8(sp)
    ld      gp, 24(sp)
    ld      tp, 32(sp)
    .irp    number, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld      x\number, 8 * \number(sp)
    .endr
    ld      sp, 16(sp)
    sret

# A trap on an overflow stack that is used up: one line without any stack, then power-off.
landfall_trap_lost:
    ld      t0, 48(t2)
    csrw    sscratch, t0
    j       landfall_late_trap
.option pop
