# rebase: adds one number to every slot, in place, wherever the image lies.
#
# extern "C" fn landfall_rebase(addend: u64)
# clobbers t0-t6, a1-a4    needs no stack
#
# RELR's words are as linked; slots are reached where the image is now. The table has been checked
# (check.s).

.macro landfall_slot offset
    ld      t5, \offset(a2)
    add     t5, t5, a0
    sd      t5, \offset(a2)
.endm

.macro landfall_slot_if_bit offset
    bgez    t3, 7f
    landfall_slot \offset
7:  slli    t3, t3, 1
.endm

.section .text.landfall_rebase, "ax", @progbits
.global landfall_rebase
landfall_rebase:
    lla     t0, __landfall_relr_start
    ld      t1, landfall_relr_size
    add     t1, t1, t0
    lla     t2, __landfall_image_start
    ld      t3, landfall_link_base
    sub     t2, t2, t3                  # link address -> where it lies now
    li      a1, 0b111111111
    li      a3, 0b101010101
    li      a4, 0b010101010
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
    # An odd word's bits 63 to 1 stand for 63 slots from t6 on. They are taken in groups of nine,
    # from the top, so that the sign is the bit. Slots come in runs (tables of pointers), and so do
    # words without slots (text), and slots beside lengths (tables of `&str`). A group without slots
    # takes five instructions. One of these shapes takes eight at most, and three for each slot. Any
    # other takes two for a clear bit and five for a set one.
3:  addi    t3, t3, -1                  # without the marker, 0 means that no slot is left
    addi    a2, t6, 54*8                # address of the top group's slots
    addi    t6, t6, 63*8
4:  srli    t4, t3, 55
    beqz    t4, 6f
    beq     t4, a1, 5f
    beq     t4, a3, 10f
    beq     t4, a4, 11f
    landfall_slot_if_bit 64
    landfall_slot_if_bit 56
    landfall_slot_if_bit 48
    landfall_slot_if_bit 40
    landfall_slot_if_bit 32
    landfall_slot_if_bit 24
    landfall_slot_if_bit 16
    landfall_slot_if_bit 8
    landfall_slot_if_bit 0
    addi    a2, a2, -9*8
    bnez    t3, 4b
    bne     t0, t1, 2b
    ret
10: landfall_slot 64
    landfall_slot 48
    landfall_slot 32
    landfall_slot 16
    landfall_slot 0
    j       6f
11: landfall_slot 56
    landfall_slot 40
    landfall_slot 24
    landfall_slot 8
    j       6f
5:  landfall_slot 64
    landfall_slot 56
    landfall_slot 48
    landfall_slot 40
    landfall_slot 32
    landfall_slot 24
    landfall_slot 16
    landfall_slot 8
    landfall_slot 0
6:  slli    t3, t3, 9
    addi    a2, a2, -9*8
    bnez    t3, 4b
    bne     t0, t1, 2b
9:  ret

# The link address of the image, and the bytes of its RELR table: numbers, so a position-independent
# link makes no slot of them. Written as distances from 0, they are numbers to GNU's linker too.
.balign 8
.global landfall_link_base
landfall_link_base:
    .quad   __landfall_link_base - __landfall_zero
.global landfall_relr_size
landfall_relr_size:
    .quad   __landfall_relr_size - __landfall_zero
