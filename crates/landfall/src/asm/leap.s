# The leap: the boot hart's last steps in physical memory and the first at virtual addresses. No
# stack, and nothing but this runs between the rebase and satp.
#
# fn landfall_leap(addend: u64, satp: u64, stack: u64, hart: u64) -> !
#   a0  the addend for every slot: the virtual minus the physical address
#   a1  satp
#   a2  top of the boot hart's stack, virtual
#   a3  the boot hart's id

.section .text.landfall_leap, "ax", @progbits
.option push
.option norvc
.option norelax
.global landfall_leap
landfall_leap:
    mv      s0, a0
    mv      s1, a1
    mv      s2, a2
    csrw    sscratch, a3                # for landfall_late_trap
    call    landfall_wipe_stack
    # Registers that nothing below sets may hold what was drawn, too.
    .irp    register, s3, s4, s5, s6, s7, s8, s9, s10, s11, a3, a4, a5, a6, a7
    mv      \register, zero
    .endr
    mv      a0, s0
    call    landfall_rebase
    lla     t0, landfall_landed
    add     t0, t0, a0
    j       landfall_walk               # to the next line, or to a refusal
landfall_walked:
    csrw    stvec, t0                   # the trap on the next fetch: no identity map is needed
landfall_leap_fence:                    # debuggers read a0 here
    fence.i                             # constants in the code were patched
    sfence.vma zero, zero
.global landfall_leap_satp
landfall_leap_satp:
    csrw    satp, s1
    # Still here: the register ignored the write, although the probe had it take the mode.
    csrw    satp, zero
    j       refuse_leap
.balign 4
landfall_landed:
    sfence.vma zero, zero
    lla     t0, landfall_late_trap
    csrw    stvec, t0
    li      t0, {TRAPPED}
    csrc    sstatus, t0
    csrw    sepc, zero
    csrw    scause, zero
    csrw    stval, zero
    mv      sp, s2
    mv      fp, zero
    mv      ra, zero
    tail    landfall_landed_boot_hart

# Rule 26: the tables lead to `landfall_landed`. If they did not, the first fetch behind satp would
# fault for ever, in silence.
# in: t0 = its virtual address, a0 = virtual minus physical, s1 = satp    clobbers t1-t6
landfall_walk:
    slli    t1, s1, 20
    srli    t1, t1, 8                   # the table
    srli    t2, s1, 60                  # the mode: 8 for three levels, 9, 10
    addi    t2, t2, -6
    slli    t3, t2, 3
    add     t3, t3, t2
    addi    t3, t3, 12                  # the lowest bit of the index
1:  srl     t4, t0, t3
    andi    t4, t4, 511
    slli    t4, t4, 3
    add     t4, t4, t1
    ld      t4, 0(t4)
    andi    t5, t4, 0xf
    slli    t1, t4, 10
    srli    t1, t1, 20
    slli    t1, t1, 12                  # the next table, or the memory
    li      t6, 1                       # V alone: a table
    bne     t5, t6, 2f
    addi    t3, t3, -9
    li      t6, 12
    bge     t3, t6, 1b
    j       refuse_tables
2:  li      t6, 0xb                     # V, R, X: the kernel's text
    bne     t5, t6, refuse_tables
    bgez    t4, 3f                      # N: a leaf of 64 KiB, by its lowest bits
    li      t3, 16
3:  sub     t4, t0, a0                  # the physical address
    xor     t1, t1, t4
    srl     t1, t1, t3                  # a leaf's lower bits are the address's own
    beqz    t1, landfall_walked
    j       refuse_tables

# The landing's stack becomes free memory. Callees may have left draws, addresses and the kernel's
# entropy at any depth.
#
# Nothing guards the stack while translation is off. A callee that wrote below it has, most likely,
# written to its lowest words too: rule 17.
# clobbers a0, a1, t0-t5
landfall_wipe_stack:
    lla     a0, landfall_early_stack_bottom
    mv      t0, zero
.set landfall_unreached, 0
.rept {UNREACHED} / 8
    ld      t1, landfall_unreached(a0)
    or      t0, t0, t1
.set landfall_unreached, landfall_unreached + 8
.endr
    bnez    t0, refuse_stack
    lla     a1, landfall_early_stack_top
    tail    landfall_zero
.option pop
