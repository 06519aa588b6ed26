# Checks of the image's own tables, before anything follows them. They need no stack and write nothing.

.section .text.landfall_check, "ax", @progbits
.option push
.option arch, +m

# The seal: crate landfall-image, module `seal`.
# in: s2 = where the image begins    out: a0 = 0 if whole or unsealed    clobbers t0-t6
landfall_check_seal:
    ld      t0, 0x50(s2)
    ld      t1, landfall_unsealed
    beq     t0, t1, 3f
    ld      t1, landfall_sealed
    bne     t0, t1, 4f
    ld      t0, landfall_multiplier
    mv      t1, t0                      # the state: START = MULTIPLIER
    mv      t2, s2
    addi    t3, s2, 0x58                # first up to the checksum,
    li      t6, 2
1:  ld      t4, 0(t2)
    addi    t2, t2, 8
    xor     t1, t1, t4
    mul     t1, t1, t0
    srli    t4, t1, 32
    xor     t1, t1, t4
    bltu    t2, t3, 1b
    addi    t6, t6, -1
    bltz    t6, 2f
    lla     t2, __landfall_sealed_start
    lla     t3, __landfall_sealed_end   # then the tables,
    beqz    t6, 1b
    addi    t2, s2, 0x60                # but before them the rest of the record.
    addi    t3, s2, 0x80
    j       1b
2:  ld      t4, 0x58(s2)
    bne     t1, t4, 4f
3:  li      a0, 0
    ret
4:  li      a0, 1
    ret

# RELR: every slot lies in constants or data, in ascending order.
# in: s2    out: a0 = 0 if sound, else the word at fault    clobbers t0-t6, a1-a2
landfall_check_relr:
    lla     t0, __landfall_relr_start
    lla     t1, __landfall_relr_end
    lui     t2, 0x80000
    sub     t2, s2, t2                  # link address -> where it lies now
    lla     t3, __landfall_text_end     # the lowest place that the next slot may have
    lla     t4, __landfall_file_end
    addi    t4, t4, -8                  # the highest
    li      a2, 0                       # no address yet
1:  beq     t0, t1, 4f
    ld      a0, 0(t0)
    addi    t0, t0, 8
    andi    t5, a0, 7
    bnez    t5, 2f
    add     t5, a0, t2                  # an address
    bltu    t5, t3, 5f
    bgtu    t5, t4, 5f
    addi    t3, t5, 8
    li      a2, 1
    j       1b
2:  andi    t5, a0, 1
    beqz    t5, 5f                      # an address that is not aligned
    beqz    a2, 5f                      # a bitmap before any address
    # The slots that may follow, 63 at most; no bit may stand for one beyond them.
    sub     t5, t4, t3
    addi    t5, t5, 8
    srai    t5, t5, 3
    li      t6, 63
    bgeu    t5, t6, 3f
    srli    t6, a0, 1
    srl     t6, t6, t5
    bnez    t6, 5f
3:  addi    t3, t3, 63*8
    j       1b
4:  li      a0, 0
    ret
5:  bnez    a0, 6f
    li      a0, -1                      # the word at fault is 0
6:  ret

.balign 8
landfall_multiplier:
    .quad   {MULTIPLIER}
landfall_unsealed:
    .quad   {UNSEALED}
landfall_sealed:
    .quad   {SEALED}
.option pop
