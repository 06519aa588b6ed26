# The copier: it carries the steps out, wipes what it knows, and starts the next kernel. It lies in
# the text and runs in a copy, in a page of its own: it refers to nothing outside of itself.
#
#   a0  the hart's id                   a2  the list of steps
#   a1  the next kernel's tree          a3  the next kernel's first instruction
#
# A step has four words (module `steps`): its kind, a source or checksum, an address and a size.
# Kind 0 ends the list. The last step overwrites the list with zeros.

# One byte from t1 to t2, of t3 bytes    clobbers t5
.macro landfall_kexec_byte_up
    lb      t5, 0(t1)
    sb      t5, 0(t2)
    addi    t1, t1, 1
    addi    t2, t2, 1
    addi    t3, t3, -1
.endm
.macro landfall_kexec_byte_down
    addi    t1, t1, -1
    addi    t2, t2, -1
    addi    t3, t3, -1
    lb      t5, 0(t1)
    sb      t5, 0(t2)
.endm

.section .text.landfall_kexec_copier, "ax", @progbits
.option push
.option norvc
.option norelax
.option arch, +m, +f, +d
.balign 8
.global landfall_kexec_copier
landfall_kexec_copier:
    csrw    satp, zero                  # this page has one address in both worlds
    sfence.vma zero, zero
landfall_kexec_step:
    ld      t0, 0(a2)
    ld      t1, 8(a2)
    ld      t2, 16(a2)
    ld      t3, 24(a2)
    addi    a2, a2, 32
    beqz    t0, landfall_kexec_start
    addi    t0, t0, -1
    beqz    t0, landfall_kexec_copy
    addi    t0, t0, -1
    beqz    t0, landfall_kexec_zero
    addi    t0, t0, -1
    beqz    t0, landfall_kexec_check
    j       landfall_kexec_damaged

# t1 = from, t2 = to, t3 = bytes. The two may overlap: towards a higher address it copies downwards.
landfall_kexec_copy:
    xor     t4, t1, t2
    andi    t5, t4, 7
    sub     t6, t2, t1
    bltu    t6, t3, landfall_kexec_copy_down
    bnez    t5, 5f
1:  andi    t4, t2, 7                   # bytes up to a whole word
    beqz    t4, 2f
    beqz    t3, landfall_kexec_step
    landfall_kexec_byte_up
    j       1b
2:  li      t4, 64
3:  bltu    t3, t4, 4f
    .irp    offset, 0, 16, 32, 48
    ld      t5, \offset(t1)
    ld      t6, \offset + 8(t1)
    sd      t5, \offset(t2)
    sd      t6, \offset + 8(t2)
    .endr
    addi    t1, t1, 64
    addi    t2, t2, 64
    addi    t3, t3, -64
    j       3b
4:  li      t4, 8
    bltu    t3, t4, 8f
    ld      t5, 0(t1)
    sd      t5, 0(t2)
    addi    t1, t1, 8
    addi    t2, t2, 8
    addi    t3, t3, -8
    j       4b
5:  andi    t5, t4, 3                   # as far from a multiple of 4: files of an archive
    bnez    t5, 8f
6:  andi    t4, t2, 3
    beqz    t4, 7f
    beqz    t3, landfall_kexec_step
    landfall_kexec_byte_up
    j       6b
7:  li      t4, 32
9:  bltu    t3, t4, 8f
    .irp    offset, 0, 4, 8, 12, 16, 20, 24, 28
    lw      t5, \offset(t1)
    sw      t5, \offset(t2)
    .endr
    addi    t1, t1, 32
    addi    t2, t2, 32
    addi    t3, t3, -32
    j       9b
8:  beqz    t3, landfall_kexec_step     # the rest
    landfall_kexec_byte_up
    j       8b

landfall_kexec_copy_down:
    add     t1, t1, t3
    add     t2, t2, t3
    bnez    t5, 4f
1:  andi    t4, t2, 7
    beqz    t4, 2f
    beqz    t3, landfall_kexec_step
    landfall_kexec_byte_down
    j       1b
2:  li      t4, 32
3:  bltu    t3, t4, 4f
    .irp    offset, 8, 16, 24, 32
    ld      t5, -\offset(t1)
    sd      t5, -\offset(t2)
    .endr
    addi    t1, t1, -32
    addi    t2, t2, -32
    addi    t3, t3, -32
    j       3b
4:  beqz    t3, landfall_kexec_step
    landfall_kexec_byte_down
    j       4b

# t2 = address, t3 = bytes
landfall_kexec_zero:
1:  andi    t4, t2, 7
    beqz    t4, 2f
    beqz    t3, landfall_kexec_step
    sb      zero, 0(t2)
    addi    t2, t2, 1
    addi    t3, t3, -1
    j       1b
2:  li      t4, 64
3:  bltu    t3, t4, 4f
    .irp    offset, 0, 8, 16, 24, 32, 40, 48, 56
    sd      zero, \offset(t2)
    .endr
    addi    t2, t2, 64
    addi    t3, t3, -64
    j       3b
4:  beqz    t3, landfall_kexec_step
    sb      zero, 0(t2)
    addi    t2, t2, 1
    addi    t3, t3, -1
    j       4b

# t1 = checksum, t2 = address, t3 = bytes, in whole words: as `landfall_image::seal`.
landfall_kexec_check:
    ld      t4, landfall_kexec_multiplier
    mv      t5, t4
1:  beqz    t3, 2f
    ld      t6, 0(t2)
    xor     t5, t5, t6
    mul     t5, t5, t4
    srli    t6, t5, 32
    xor     t5, t5, t6
    addi    t2, t2, 8
    addi    t3, t3, -8
    j       1b
2:  beq     t5, t1, landfall_kexec_step
landfall_kexec_damaged:
    lla     s1, landfall_kexec_damaged_text
    j       landfall_kexec_give_up

# The next kernel, as the boot contract says: a0 = hart id, a1 = tree, satp = 0. No other register
# keeps anything of this kernel. `landfall_kexec_quiet` has cleared sie, sip and stimecmp.
landfall_kexec_start:
    csrw    sscratch, zero
    csrw    sepc, zero
    csrw    scause, zero
    csrw    stval, zero
    li      t0, {UNITS}
    csrs    sstatus, t0
    .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fmv.d.x f\number, zero
    .endr
    li      t0, {CLEARED}
    csrc    sstatus, t0
    .irp    register, ra, sp, gp, tp, t0, t1, t2, t3, t4, t5, t6, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, a2, a4, a5, a6, a7
    mv      \register, zero
    .endr
    fence.i                             # the next kernel's code was written as data
    jr      a3

.balign 4
landfall_kexec_trap:
    lla     s1, landfall_kexec_trap_text
landfall_kexec_give_up:
    lbu     a0, 0(s1)
    beqz    a0, 3f
    li      a7, 0x4442434e              # DBCN
    li      a6, 2                       # console_write_byte
    ecall
    beqz    a0, 2f
    lbu     a0, 0(s1)
    li      a7, 1                       # legacy console_putchar
    ecall
2:  addi    s1, s1, 1
    j       landfall_kexec_give_up
3:  li      a7, 0x53525354              # SRST
    li      a6, 0
    li      a0, 0                       # shutdown
    li      a1, 1                       # system failure
    ecall
    li      a7, 8                       # legacy shutdown
    ecall
4:  wfi
    j       4b
.balign 8
landfall_kexec_multiplier:
    .quad   {MULTIPLIER}
landfall_kexec_damaged_text:
    .asciz  "landfall: kexec failed: the memory of the next kernel has changed since it was loaded; look for stores and DMA into it\n"
landfall_kexec_trap_text:
    .asciz  "landfall: kexec failed: a trap while the next kernel was put into place; check that the memory nodes of the device tree list only RAM\n"
.org landfall_kexec_copier + {SIZE}     # an error, if it is longer
.option pop
