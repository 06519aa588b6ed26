# The check of the RELR table, before anything follows it. The linker's relocations are packed.
# Every slot lies in constants or data, in ascending order.
#
# extern "C" fn landfall_check_relr() -> u64: 0 if sound, else the word at fault
# clobbers t0-t6, a2    needs no stack, writes nothing

.section .text.landfall_check_relr, "ax", @progbits
.global landfall_check_relr
landfall_check_relr:
    lla     t0, __landfall_relr_start
    ld      a0, landfall_relr_size
    andi    t1, a0, 7
    bnez    t1, 6f                      # odd: RELA, not packed
    add     t1, t0, a0
    lla     t2, __landfall_image_start
    ld      t3, landfall_link_base
    sub     t2, t2, t3                  # link address -> where it lies now
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
    bge     t5, t6, 3f
    bgez    t5, 7f
    li      t5, 0                       # bitmaps without a slot led beyond the end
7:  srli    t6, a0, 1
    srl     t6, t6, t5
    bnez    t6, 5f
3:  addi    t3, t3, 63*8
    j       1b
4:  li      a0, 0
    ret
5:  bnez    a0, 6f
    li      a0, -1                      # the word at fault is 0
6:  ret
