# A hart's interrupts, cleared for the next kernel: interrupts of the hart itself, its timer, and
# what its IMSIC delivers (RISC-V Advanced Interrupt Architecture, 3.8).
#
# A register of an extension that the hart lacks traps. `stvec` then leads to the instruction behind
# the access.
#
# fn landfall_kexec_quiet()     interrupts are off; clobbers t0 to t5

.section .text.landfall_kexec_quiet, "ax", @progbits
.option push
.option norvc
.option norelax
.global landfall_kexec_quiet
landfall_kexec_quiet:
    csrw    sie, zero
    csrw    sip, zero
    csrr    t1, stvec
    li      t2, {SDT}
    li      t5, 0                       # no IMSIC
    lla     t0, 1f
    csrw    stvec, t0
    li      t3, 0x70                    # eidelivery: nothing is delivered
    csrw    0x150, t3                   # siselect
    csrw    0x151, zero                 # sireg
    li      t5, 1
.balign 4
1:  csrc    sstatus, t2
    lla     t0, 3f
    csrw    stvec, t0
    beqz    t5, 3f
    li      t3, 0x80                    # eip0 to eip62, nothing is pending; eie0 to eie62, nothing
    li      t4, 0x100                   # is enabled
2:  csrw    0x150, t3
    csrw    0x151, zero
    addi    t3, t3, 2
    bltu    t3, t4, 2b
    csrw    0x150, zero
.balign 4
3:  csrc    sstatus, t2
    lla     t0, 4f
    csrw    stvec, t0
    li      t3, -1
    csrw    0x14d, t3                   # stimecmp: no timer interrupt is due
.balign 4
4:  csrc    sstatus, t2
    csrw    stvec, t1
    ret
.option pop
