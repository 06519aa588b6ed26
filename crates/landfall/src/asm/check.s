# The check of the seal, before anything follows the tables that it covers. It needs no stack and
# writes nothing.

.section .text.landfall_check, "ax", @progbits
.option push
.option arch, +m

# The seal: crate landfall-image, module `seal`.
# in: s2 = where the image begins
# out: a0 = 0 if whole or unsealed; 1 if the seal's state is invalid; 2 if the checksum differs: then
#      a1 = the checksum of the image, a2 = the checksum in its record
# clobbers t0-t6
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
    lla     t2, __landfall_sealed_start # then the tables, of which RELR is the last,
    lla     t3, __landfall_relr_start
    ld      t4, landfall_relr_size
    add     t3, t3, t4
    beqz    t6, 1b
    addi    t2, s2, 0x60                # but before them the rest of the record.
    addi    t3, s2, 0x80
    j       1b
2:  ld      t4, 0x58(s2)
    bne     t1, t4, 5f
3:  li      a0, 0
    ret
4:  li      a0, 1
    ret
5:  li      a0, 2
    mv      a1, t1
    mv      a2, t4
    ret

.balign 8
landfall_multiplier:
    .quad   {MULTIPLIER}
landfall_unsealed:
    .quad   {UNSEALED}
landfall_sealed:
    .quad   {SEALED}
.option pop
