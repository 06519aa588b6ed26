# Moves words to lower addresses, by 19 instructions for each eight of them. If source and target
# differ modulo 8, `memmove` of the compiler's library takes twice as many.
#
# fn landfall_move_words_down(to: u64, from: u64, end: u64)
# in: a0 = target, a1 = source, above the target, a2 = end of the source, all multiples of 4
# clobbers a0, a1, a3-a7, t0-t3    no stack

.section .text.landfall_move_words_down, "ax", @progbits
.option push
.option norvc
.option norelax
.global landfall_move_words_down
landfall_move_words_down:
    addi    t3, a2, -32                 # eight words are left up to here
    bgtu    a1, t3, 2f
    # The target may overlap the source, so all eight are loaded before the first is stored.
1:  lw      a3, 0(a1)
    lw      a4, 4(a1)
    lw      a5, 8(a1)
    lw      a6, 12(a1)
    lw      a7, 16(a1)
    lw      t0, 20(a1)
    lw      t1, 24(a1)
    lw      t2, 28(a1)
    sw      a3, 0(a0)
    sw      a4, 4(a0)
    sw      a5, 8(a0)
    sw      a6, 12(a0)
    sw      a7, 16(a0)
    sw      t0, 20(a0)
    sw      t1, 24(a0)
    sw      t2, 28(a0)
    addi    a1, a1, 32
    addi    a0, a0, 32
    bleu    a1, t3, 1b
2:  bgeu    a1, a2, 4f
3:  lw      a3, 0(a1)
    sw      a3, 0(a0)
    addi    a1, a1, 4
    addi    a0, a0, 4
    bltu    a1, a2, 3b
4:  ret
.option pop
