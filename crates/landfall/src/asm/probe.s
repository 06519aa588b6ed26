# Tries one paging mode on this hart.
#
# fn landfall_probe(satp: u64) -> u64: what the register held after the write, 0 after a trap.
#
# It fits into 64 bytes and is aligned to them, so it lies in one page. The probe's table
# maps that page alone, R-X, at its own physical address. Nothing else is reachable while satp is
# on, so a trap, too, is taken inside. Afterwards satp is 0 again, also if the part kept some of the
# fields that it should have ignored (openc910 #63).

.section .text.landfall_probe, "ax", @progbits
.option push
.option norvc
.option norelax
.balign 64
.global landfall_probe
landfall_probe:
    csrr    t0, stvec
    lla     t1, 1f
    csrw    stvec, t1
    sfence.vma zero, zero
    mv      t1, a0
    mv      a0, zero
    csrw    satp, t1
    csrr    a0, satp
    .balign 4
1:  csrw    satp, zero                  # also where a trap leads, with a0 still 0
    sfence.vma zero, zero
    csrw    stvec, t0
    li      t0, {SDT}
    csrc    sstatus, t0
    ret
.org landfall_probe + 64                # an error, if it took more
.option pop
