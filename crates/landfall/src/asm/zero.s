# Zeroes memory: by whole blocks, if the hart has Zicboz and its block size is known, else by
# stores.
#
# fn landfall_zero(start: u64, end: u64)
# in: a0 = start, a multiple of 8, a1 = end, a multiple of 8    clobbers a0, t0-t5    no stack
#
# `cbo.zero` zeroes the aligned block around an address (Base Cache Management Operation ISA
# Extensions, 2.4). Its stores are ordered as other stores are.

.section .text.landfall_zero, "ax", @progbits
.option push
.option norvc
.option norelax
.option arch, +zicboz
.global landfall_zero
landfall_zero:
    bgeu    a0, a1, 9f
    lla     t0, landfall_zero_shift
    lw      t0, 0(t0)
    beqz    t0, 3f
    li      t1, -1
    sll     t1, t1, t0
    not     t2, t1
    add     t2, a0, t2
    and     t2, t2, t1                  # the first block
    and     t3, a1, t1                  # the end of the last
    bgeu    t2, t3, 3f
    beq     a0, t2, 2f
1:  sd      zero, 0(a0)                 # words before the blocks
    addi    a0, a0, 8
    bne     a0, t2, 1b
    # Eight blocks a turn, and first as many as are left over: a jump to the last of the eight.
2:  sub     t1, t3, a0
    srl     t1, t1, t0
    andi    t1, t1, 7
    slli    t1, t1, 3
    li      t2, 1
    sll     t2, t2, t0                  # bytes of a block
    lla     t4, 4f
    sub     t4, t4, t1
    jr      t4
5:
.rept 8
    cbo.zero (a0)
    add     a0, a0, t2
.endr
4:  bltu    a0, t3, 5b
    beq     a0, a1, 9f
    # The same with words, 64 a turn.
3:  sub     t1, a1, a0
    andi    t1, t1, 0x1f8
    add     a0, a0, t1
    srli    t1, t1, 1
    lla     t4, 6f
    sub     t4, t4, t1
    jr      t4
7:  addi    a0, a0, 512
.set landfall_zeroed, -512
.rept 64
    sd      zero, landfall_zeroed(a0)
.set landfall_zeroed, landfall_zeroed + 8
.endr
6:  bltu    a0, a1, 7b
9:  ret

# Tries `cbo.zero`, which traps if the hart lacks it or firmware does not permit it (menvcfg.CBZE).
# The block that it zeroes has the stated size if the words at both of its ends become 0, and those
# beside it do not. From then on `landfall_zero` uses it.
#
# fn landfall_try_blocks(place: u64, shift: u64)
# in: a0 = a multiple of twice the size, for three blocks of zeros; a1 = binary logarithm of the size
# clobbers a0, a2, a3, t0-t6
.global landfall_try_blocks
landfall_try_blocks:
    csrr    t0, stvec
    lla     t1, 8f
    csrw    stvec, t1
    li      t2, 1
    sll     t2, t2, a1
    add     a0, a0, t2                  # the second block: a larger one would begin before it
    add     t3, a0, t2                  # its end
    sd      a0, -8(a0)
    sd      a0, 0(a0)
    sd      a0, -8(t3)
    sd      a0, 0(t3)
    mv      a2, zero
    cbo.zero (a0)
    ld      t4, 0(a0)
    ld      t5, -8(t3)
    or      t4, t4, t5
    ld      t5, -8(a0)
    ld      t6, 0(t3)
    xor     t5, t5, a0
    xor     t6, t6, a0
    or      t4, t4, t5
    or      t4, t4, t6
    bnez    t4, 8f
    mv      a2, a1
    .balign 4
8:  csrw    stvec, t0                   # also where a trap leads, with a2 still 0
    li      t1, {SDT}
    csrc    sstatus, t1
    sd      zero, -8(a0)
    sd      zero, 0(a0)
    sd      zero, -8(t3)
    sd      zero, 0(t3)
    lla     t1, landfall_zero_shift
    sw      a2, 0(t1)
    ret
.option pop

# The binary logarithm of the size of a block; 0 without blocks. In .data: .bss is among
# what is zeroed.
.section .data.landfall_zero_shift, "aw", @progbits
.balign 4
landfall_zero_shift:
    .word   0
