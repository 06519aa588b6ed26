# A hart's interrupts, cleared for the next kernel: interrupts of the hart itself, its timer, and
# what its IMSIC delivers (RISC-V Advanced Interrupt Architecture, 3.8).
#
# A register of an extension that the hart lacks traps. `stvec` then leads to the instruction behind
# the access.
#
# fn landfall_kexec_quiet()     interrupts are off; clobbers t0 to t4

.macro landfall_kexec_guarded number, value
    lla     t0, 9f
    csrw    stvec, t0
    csrw    0x150, \number              # siselect
    csrw    0x151, \value               # sireg
    .balign 4
9:  csrc    sstatus, t2
.endm

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
    li      t3, 0x70                    # eidelivery: nothing is delivered
    landfall_kexec_guarded t3, zero
    li      t3, 0xc0                    # eie0 to eie62: nothing is enabled
    li      t4, 0x100
1:  landfall_kexec_guarded t3, zero
    addi    t3, t3, 2
    bltu    t3, t4, 1b
    li      t3, 0x80                    # eip0 to eip62: nothing is pending
    li      t4, 0xc0
2:  landfall_kexec_guarded t3, zero
    addi    t3, t3, 2
    bltu    t3, t4, 2b
    lla     t0, 9f
    csrw    stvec, t0
    csrw    0x150, zero
    li      t3, -1
    csrw    0x14d, t3                   # stimecmp: no timer interrupt is due
    .balign 4
9:  csrc    sstatus, t2
    csrw    stvec, t1
    ret
.option pop
