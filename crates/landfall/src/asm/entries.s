# Writes entries of a table: two instructions each, 64 a turn.
#
# fn landfall_write_entries(at: u64, first: u64, step: u64, count: u64)
# in: a0 = the place of the first entry, a1 = that entry, a2 = the difference to the next one,
#     a3 = their number    clobbers a0, a1, t0-t2    no stack

.section .text.landfall_entries, "ax", @progbits
.option push
.option norvc
.option norelax
.global landfall_write_entries
landfall_write_entries:
    slli    t0, a3, 3
    add     t0, a0, t0                  # the end
    # First as many as whole turns leave over: a jump to the last of the 64. An entry takes 8 bytes,
    # and so do its instructions.
    andi    t1, a3, 63
    slli    t1, t1, 3
    add     a0, a0, t1
    lla     t2, 2f
    sub     t2, t2, t1
    jr      t2
1:  addi    a0, a0, 512
.set landfall_written, -512
.rept 64
    sd      a1, landfall_written(a0)
    add     a1, a1, a2
.set landfall_written, landfall_written + 8
.endr
2:  bltu    a0, t0, 1b
    ret
.option pop
