# A hart's interrupts, cleared for the next kernel: interrupts of the hart itself, its timer, and
# what its IMSIC delivers (RISC-V Advanced Interrupt Architecture, 3.8).
#
# A register of an extension that the hart lacks traps. `stvec` then leads to the instruction behind
# the access.
#
# fn landfall_kexec_quiet()     interrupts are off; clobbers t0 to t4

# Writes zeros to the IMSIC's registers from `first` on, every other one, up to `end` or to the
# first that the hart lacks. Registers of interrupts beyond those of the IMSIC trap on some harts.
.macro landfall_kexec_clear first, end
    lla     t0, 9f
    csrw    stvec, t0
    li      t3, \first
    li      t4, \end
8:  csrw    0x150, t3                   # siselect
    csrw    0x151, zero                 # sireg
    addi    t3, t3, 2
    bltu    t3, t4, 8b
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
    landfall_kexec_clear 0x70, 0x71     # eidelivery: nothing is delivered
    landfall_kexec_clear 0xc0, 0x100    # eie0 to eie62: nothing is enabled
    landfall_kexec_clear 0x80, 0xc0     # eip0 to eip62: nothing is pending
    lla     t0, 1f
    csrw    stvec, t0
    csrw    0x150, zero
.balign 4
1:  csrc    sstatus, t2
    lla     t0, 2f
    csrw    stvec, t0
    li      t3, -1
    csrw    0x14d, t3                   # stimecmp: no timer interrupt is due
.balign 4
2:  csrc    sstatus, t2
    csrw    stvec, t1
    ret
.option pop
