# rebase: adds one number to every slot, in place, wherever the image lies.
#
# in: a0 = what to add    clobbers t0-t6    needs no stack
# RELR's words are as linked; slots are reached where the image is now. The table has been checked (check.s).

.section .text.landfall_rebase, "ax", @progbits
.global landfall_rebase
landfall_rebase:
    lla     t0, __landfall_relr_start
    lla     t1, __landfall_relr_end
    lla     t2, __landfall_image_start
    lui     t3, 0x80000
    sub     t2, t2, t3                  # link address -> where it lies now
1:  beq     t0, t1, 9f
2:  ld      t3, 0(t0)
    addi    t0, t0, 8
    andi    t4, t3, 1
    bnez    t4, 3f
    add     t6, t3, t2                  # an even word is a slot's address
    ld      t4, 0(t6)
    add     t4, t4, a0
    sd      t4, 0(t6)
    addi    t6, t6, 8                   # t6: the slot that bit 1 of a bitmap stands for
    bne     t0, t1, 2b
    ret
    # An odd word's bits 63 to 1 stand for 63 slots from t6 on. From the top, so that the sign tells: two instructions a
    # clear bit, five a set one.
3:  addi    t3, t3, -1                  # without the marker, 0 means that no slot is left
.macro landfall_slot bit
    bgez    t3, 8f
    ld      t5, (\bit - 1) * 8(t6)
    add     t5, t5, a0
    sd      t5, (\bit - 1) * 8(t6)
8:  slli    t3, t3, 1
.endm
.set landfall_bit, 63
.rept 9
    .rept 7
    landfall_slot landfall_bit
    .set landfall_bit, landfall_bit - 1
    .endr
    beqz    t3, 4f
.endr
4:  addi    t6, t6, 63*8
    bne     t0, t1, 2b
9:  ret
