# The leave: from the running kernel's tables to the copier, by a root that maps two pages. One is
# this page, at its virtual address; the other is the copier's, at its physical one.
#
# fn landfall_kexec_leave(hart, tree, list, entry, satp, copier) -> !
#   a0  the hart's id               a3  the next kernel's first instruction
#   a1  the next kernel's tree      a4  satp, of the block's tables
#   a2  the list of steps           a5  the copier; a1, a2, a3 and a5 are physical
#
# Interrupts are off. No stack is used. It must not cross the end of a page.

.section .text.landfall_kexec_leave, "ax", @progbits
.option push
.option norvc
.option norelax
.balign 64
.global landfall_kexec_leave
landfall_kexec_leave:
    lla     t0, landfall_kexec_trap
    lla     t1, landfall_kexec_copier
    sub     t0, t0, t1
    add     t0, t0, a5                  # the handler of traps from here on
    csrw    stvec, t0
    sfence.vma zero, zero               # the tables were written just now
    csrw    satp, a4
    sfence.vma zero, zero               # nothing of the old address space stays
    fence.i                             # so was the copier
    jr      a5
.org landfall_kexec_leave + 64          # an error, if it is longer
.option pop
