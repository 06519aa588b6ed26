# A secondary hart: it lands in the tables that the boot hart has built.
#
# Two ways lead here. With HSM, `hart_start` enters at `landfall_secondary` with a0 = hart id and a1 = the physical address of the
# hart's start record. Without, the hart waits in `landfall_wait_for_release` from the beginning, and finds its record itself.
#
# The record (module `harts`): state 0, satp 8, stack top 16, virtual address to land at 24, hart id 32, index 40; 48 bytes.

.section .text.landfall_secondary, "ax", @progbits
.option push
.option norvc
.option norelax
.option arch, +a

# in: s0 = hart id. This stub is part of the kernel's text, which nobody frees.
landfall_wait_for_release:
    lla     t0, landfall_release
1:  .word   0x0100000f                  # pause
    lw      t1, 0(t0)
    beqz    t1, 1b
    fence   r, rw
    lla     a1, {RECORDS}
    li      t1, {RECORD_COUNT}
2:  ld      t2, 32(a1)
    lw      t3, 0(a1)
    beqz    t3, 3f                      # a record that offers nothing has no id
    beq     t2, s0, landfall_secondary
3:  addi    a1, a1, 48
    addi    t1, t1, -1
    bnez    t1, 2b
4:  wfi                                 # no record for this hart: left out, and reported so
    j       4b

.global landfall_secondary
landfall_secondary:
    fence.i                             # this code may have been copied here
    csrw    satp, zero
    csrw    sie, zero
    li      t0, {CLEARED}               # interrupts are off, among others
    csrc    sstatus, t0
    # The start may have been withdrawn: then the stack below is somebody else's by now.
1:  lr.w.aq t0, (a1)
    li      t1, {OFFERED}
    bne     t0, t1, landfall_stop_hart
    li      t1, {CLAIMED}
    sc.w    t0, t1, (a1)
    bnez    t0, 1b
    ld      s1, 8(a1)
    ld      sp, 16(a1)
    ld      t0, 24(a1)
    ld      s2, 40(a1)
    mv      s3, t0
    call    landfall_reset_registers
    ld      t1, 32(a1)
    csrw    sscratch, t1                # for landfall_late_trap
    csrw    stvec, s3                   # as in the leap: the trap leads to the virtual address
    fence.i                             # constants in the code were patched
    sfence.vma zero, zero
.global landfall_secondary_satp
landfall_secondary_satp:
    csrw    satp, s1
    # Still here: this hart does not have the mode. Some parts keep other fields of the value, so write 0.
    csrw    satp, zero
    li      t0, {FAILED}
    amoswap.w.rl zero, t0, (a1)
    j       landfall_stop_hart

.balign 4
.global landfall_secondary_landed
landfall_secondary_landed:
    lla     t0, landfall_late_trap
    csrw    stvec, t0
    sfence.vma zero, zero
    li      t0, {TRAPPED}
    csrc    sstatus, t0
    csrw    sepc, zero
    csrw    scause, zero
    csrw    stval, zero
    mv      fp, zero
    mv      ra, zero
    mv      a0, s2
    csrr    a1, satp
    mv      a2, s1
    tail    landfall_landed_secondary

# Back to the firmware; where that is not possible, to sleep.
.global landfall_stop_hart
landfall_stop_hart:
    li      a7, 0x48534d                # HSM
    li      a6, 1                       # hart_stop
    ecall
1:  wfi
    j       1b
.option pop
