# A secondary hart: it lands in the tables that the boot hart has built.
#
# Two ways lead here. With HSM, `hart_start` enters at `landfall_secondary` with a0 = hart id and a1
# = the physical address of the hart's start record. Without, the hart waits in
# `landfall_wait_for_release` from the beginning, and finds its record itself.
#
# The record (module `harts`) is one word: the state, and above it the number of the hart's stack.
# The rest is the same for all harts, in START.
#
#   0  satp                       24  bytes to the next stack
#   8  virtual address to land at 32  distance to the harts' ids
#  16  top of stack 0             40  their number

.section .text.landfall_secondary, "ax", @progbits
.option push
.option norvc
.option norelax
.option arch, +a, +m

# in: s0 = hart id. This stub is part of the kernel's text, which is never freed.
landfall_wait_for_release:
    lla     t0, landfall_release
1:  .word   0x0100000f                  # pause
    lw      t1, 0(t0)
    beqz    t1, 1b
    fence   r, rw
    lla     t0, {START}
    ld      t1, 40(t0)
    ld      t2, 32(t0)
    add     t0, t0, t2                  # the harts' ids
    # In most trees ids ascend, so a record's number is the id or little less. The search begins
    # there, goes down, and on from the last record.
    mv      t2, s0
    mv      t3, t1                      # records to look at
    beqz    t1, 4f
2:  bltu    t2, t1, 3f
    addi    t2, t1, -1
3:  slli    t4, t2, 3
    add     t4, t4, t0
    ld      t4, 0(t4)
    beq     t4, s0, 5f
    addi    t2, t2, -1
    addi    t3, t3, -1
    bnez    t3, 2b
4:  wfi                                 # no record for this hart: left out, and reported so
    j       4b
5:  lla     a1, {RECORDS}
    slli    t2, t2, 2
    add     a1, a1, t2
    lw      t3, 0(a1)
    beqz    t3, 4b                      # a record that offers nothing
    mv      a0, s0

.global landfall_secondary
landfall_secondary:
    fence.i                             # this code may have been copied here
    # The start may have been withdrawn: then the stack below has another owner by now.
    li      t2, {OFFERED}
1:  lr.w.aq s2, (a1)
    andi    t1, s2, {STATE_MASK}
    bne     t1, t2, landfall_stop_hart
    addi    t1, s2, {CLAIMED} - {OFFERED}
    sc.w    t0, t1, (a1)
    bnez    t0, 1b
    srli    s2, s2, {STATE_BITS}        # the number of its stack
    lla     t2, {RECORDS}
    sub     s3, a1, t2
    srli    s3, s3, 2                   # the number of its record
    lla     t1, {START}
    ld      s1, 0(t1)
    ld      s4, 8(t1)
    ld      sp, 16(t1)
    ld      t2, 24(t1)
    mul     t2, t2, s2
    add     sp, sp, t2
    call    landfall_reset_registers
    csrw    sscratch, a0                # for landfall_late_trap
    csrw    stvec, s4                   # as in the leap: the trap leads to the virtual address
    fence.i                             # constants in the code were patched
    sfence.vma zero, zero
.global landfall_secondary_satp
landfall_secondary_satp:
    csrw    satp, s1
    # Still here: this hart does not have the mode. Some parts keep other fields of the value, so
    # write 0.
    csrw    satp, zero
    slli    t0, s2, {STATE_BITS}
    addi    t0, t0, {FAILED}
    amoswap.w zero, t0, (a1)
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
    mv      a3, s3
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
