# The device tree may call flash, ROM or a device's registers RAM. Stores to it are lost, and tables
# in it would make the first fetch behind `satp` fault for ever. So each page is written and read
# back before anything relies on it.
#
# Neither function needs a stack. All values but the last are commands that flash ignores (0xff and
# 0x00: read the array). A page gets its own address only once it has kept both.
#
# fn landfall_mark_pages(start: u64, end: u64) -> u64
#   writes all ones, then zeros, to the first word of each page, reads each value back, and leaves
#   the page's address there
# fn landfall_check_marks(start: u64, end: u64) -> u64
#   reads the addresses back, so pages that share memory show, and leaves zeros
#
# in: a0 = start, a multiple of 4 KiB, a1 = end
# out: a0 = the first page that lost a value, or at least `end`    clobbers t0, t1, t2

.section .text.landfall_pages, "ax", @progbits
.option push
.option norvc
.option norelax
.global landfall_mark_pages
landfall_mark_pages:
    li      t0, -1
    lui     t2, 1                       # a page
    bgeu    a0, a1, 2f
1:  sd      t0, 0(a0)
    ld      t1, 0(a0)
    bne     t1, t0, 2f
    sd      zero, 0(a0)
    ld      t1, 0(a0)
    bnez    t1, 2f
    sd      a0, 0(a0)
    add     a0, a0, t2
    bltu    a0, a1, 1b
2:  ret

.global landfall_check_marks
landfall_check_marks:
    lui     t2, 1
    bgeu    a0, a1, 2f
1:  ld      t1, 0(a0)
    bne     t1, a0, 2f
    sd      zero, 0(a0)
    add     a0, a0, t2
    bltu    a0, a1, 1b
2:  ret
.option pop
