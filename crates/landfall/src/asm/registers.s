# A hart's supervisor registers as `main` gets them, whatever a loader has left there:
# docs/landing.md lists the values. The boot hart and every other hart call it, each before it
# lands. sscratch gets the hart's id later.
#
# A register of an extension that the hart lacks traps. `stvec` then leads to the instruction behind
# the access, so the access is skipped.
#
# Needs no stack. clobbers t0, t1, t2, t3

# Writes `value` to each register, up to the first that the hart lacks. Register t2 = the field
# SDT: each trap sets it on a hart with Ssdbltrp, and a trap while it is set is fatal.
.macro landfall_guarded value, registers:vararg
    lla     t0, 9f
    csrw    stvec, t0
    .irp    register, \registers
    csrw    \register, \value
    .endr
    .balign 4
9:  csrc    sstatus, t2
.endm

.section .text.landfall_registers, "ax", @progbits
.option push
.option norvc
.option norelax
.global landfall_reset_registers
landfall_reset_registers:
    li      t0, {CLEARED}
    csrc    sstatus, t0
    li      t0, {UNITS}
    csrs    sstatus, t0
    csrr    t3, sstatus
    andi    t3, t3, 0x600               # VS, which stays 0 on a hart without vectors
    csrw    sie, zero
    csrw    sip, zero
    csrw    scounteren, zero
    csrr    t1, stvec
    li      t2, {SDT}
    landfall_guarded zero, 0x003                # fcsr
    beqz    t3, 1f
    landfall_guarded zero, 0x008, 0x00f         # vstart, vcsr
1:
    landfall_guarded zero, 0x10a                # senvcfg
    landfall_guarded zero, 0x10c, 0x10d, 0x10e, 0x10f   # sstateen0 to 3
    landfall_guarded zero, 0x150                # siselect
    landfall_guarded zero, 0x14e                # sctrctl
    landfall_guarded zero, 0x5a8                # scontext
    landfall_guarded zero, 0x600, 0x604, 0x645, 0x680, 0x280    # hstatus, hie, hvip, hgatp, vsatp
    li      t3, -1
    landfall_guarded t3, 0x14d                  # stimecmp: no timer interrupt is due
    csrw    stvec, t1
    li      t0, {UNITS}
    csrc    sstatus, t0
    li      t0, {FS_INITIAL}     # compilers use floating-point registers anywhere on this target
    csrs    sstatus, t0
    ret
.global landfall_reset_registers_end
landfall_reset_registers_end:
.option pop
