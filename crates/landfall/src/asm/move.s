# The move: copies the image to another place in physical memory and goes on there. The two places
# may overlap.
#
# fn landfall_move(handover: &Handover) -> !
#
# The handover (module `moving`): from 0, to 8, bytes 16, copier 24, four words of entropy 32 to 56,
# their number 64. It lies on the stack, so all of it goes into registers before the stack is wiped.
# The old place becomes free memory, and nothing secret may stay in it.
#
#   s1  from            s4       the copier's page
#   s2  to              s5-s8    entropy
#   s3  bytes           s9       words of entropy
#   s10 what to add to every slot: to - from

.section .text.landfall_move, "ax", @progbits
.option push
.option norvc
.option norelax
.global landfall_move
landfall_move:
    ld      s1, 0(a0)
    ld      s2, 8(a0)
    ld      s3, 16(a0)
    ld      s4, 24(a0)
    ld      s5, 32(a0)
    ld      s6, 40(a0)
    ld      s7, 48(a0)
    ld      s8, 56(a0)
    ld      s9, 64(a0)
    sub     s10, s2, s1
    call    landfall_wipe_stack
    # The copy may overwrite this code, so the loop runs elsewhere: in a page that is neither in the
    # old place nor in the new.
    lla     t0, landfall_copier
    lla     t1, landfall_copier_end
    mv      t2, s4
2:  ld      t3, 0(t0)
    sd      t3, 0(t2)
    addi    t0, t0, 8
    addi    t2, t2, 8
    bltu    t0, t1, 2b
    lla     t6, landfall_moved
    add     t6, t6, s10                 # the address to go on at
    fence.i
landfall_move_jump:                     # debuggers read s10 here
    jr      s4

# The copier. All that it refers to lies within itself.
.balign 8
landfall_copier:
    lla     t0, 7f
    csrw    stvec, t0
    mv      t0, s1
    mv      t1, s2
    add     t2, s1, s3
    bltu    s1, s2, 2f
1:                                      # to a lower place: upwards
    .irp    offset, 0, 16, 32, 48
    ld      t3, \offset(t0)
    ld      t4, \offset + 8(t0)
    sd      t3, \offset(t1)
    sd      t4, \offset + 8(t1)
    .endr
    addi    t0, t0, 64
    addi    t1, t1, 64
    bltu    t0, t2, 1b
    j       3f
2:  add     t1, s2, s3
    mv      t0, t2
4:                                      # to a higher place: downwards
    .irp    offset, 0, 16, 32, 48
    ld      t3, -\offset - 8(t0)
    ld      t4, -\offset - 16(t0)
    sd      t3, -\offset - 8(t1)
    sd      t4, -\offset - 16(t1)
    .endr
    addi    t0, t0, -64
    addi    t1, t1, -64
    bgtu    t0, s1, 4b
3:  fence.i
    jr      t6
    # A trap: the device tree calls this memory RAM, and it is not. By then neither place holds a
    # whole image.
.balign 4
7:  lla     s1, 9f
8:  lbu     a0, 0(s1)
    beqz    a0, 6f
    li      a7, 0x4442434e              # DBCN
    li      a6, 2                       # console_write_byte
    ecall
    beqz    a0, 5f
    lbu     a0, 0(s1)
    li      a7, 1                       # legacy console_putchar
    ecall
5:  addi    s1, s1, 1
    j       8b
6:  li      a7, 0x53525354              # SRST
    li      a6, 0
    li      a0, 0                       # shutdown
    li      a1, 1                       # system failure
    ecall
    li      a7, 8                       # legacy shutdown
    ecall
5:  wfi
    j       5b
9:  .asciz  "landfall: refused R{RULE_EARLY_TRAP}: a trap while the image was copied to its new place; check that the memory nodes of the device tree list only RAM\n"
.balign 8
landfall_copier_end:

# In the new place.
landfall_moved:
    lla     t0, landfall_early_trap
    andi    t0, t0, -4
    csrw    stvec, t0
    mv      a0, s10
    call    landfall_rebase
    lla     sp, landfall_early_stack_top
    addi    sp, sp, -48
    sd      s5, 0(sp)
    sd      s6, 8(sp)
    sd      s7, 16(sp)
    sd      s8, 24(sp)
    sd      s9, 32(sp)
    .irp    secret, s5, s6, s7, s8
    mv      \secret, zero
    .endr
    mv      a0, sp
    mv      fp, zero
    mv      ra, zero
    tail    landfall_land_moved
.option pop
