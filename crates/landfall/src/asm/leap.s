# The leap: the boot hart's last steps in physical memory and the first at virtual addresses. No stack, and nothing
# but this runs between the rebase and satp.
#
# fn landfall_leap(addend: u64, satp: u64, stack: u64, hart: u64) -> !
#   a0  what to add to every slot: the virtual minus the physical address
#   a1  satp
#   a2  top of the boot hart's stack, virtual
#   a3  the boot hart's id

.section .text.landfall_leap, "ax", @progbits
.option push
.option norvc
.option norelax
.global landfall_leap
landfall_leap:
    mv      s1, a1
    mv      s2, a2
    csrw    sscratch, a3                # for landfall_late_trap
    call    landfall_wipe_stack
    call    landfall_rebase
    lla     t0, landfall_landed
    add     t0, t0, a0
    csrw    stvec, t0                   # the trap on the next fetch leads to the virtual address: no identity map is needed
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
    mv      sp, s2
    mv      fp, zero
    mv      ra, zero
    tail    landfall_landed_boot_hart

# The landing's stack becomes free memory, and nobody knows how deep callees kept draws, addresses and the kernel's entropy.
# clobbers t0, t1
landfall_wipe_stack:
    lla     t0, landfall_early_stack_bottom
    lla     t1, landfall_early_stack_top
1:
.set landfall_wiped, 0
.rept 32
    sd      zero, landfall_wiped(t0)
.set landfall_wiped, landfall_wiped + 8
.endr
    addi    t0, t0, 256
    bltu    t0, t1, 1b
    ret
.option pop
