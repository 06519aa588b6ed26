# The entry of a supervisor software event (SBI, chapter 17): another hart has crashed. It may come
# at any instruction, also with interrupts off, in a trap entry, or in user mode.
#
#   a6  the hart's id
#   a7  the hart's listener: registers, then the end of its stack
#   all other registers are those of the interrupted code
#
# OpenSBI before 1.6 passes them the other way round. A listener lies in the upper half, so its
# address is negative; no id is.
#
# It returns only if no hart has crashed, and then restores all registers.

.section .text.landfall_kexec_event, "ax", @progbits
.option push
.option norvc
.option norelax
.balign 4
.global landfall_kexec_event
landfall_kexec_event:
    bltz    a7, 2f
    mv      a7, a6
2:
    .irp    number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd      x\number, \number * 8(a7)
    .endr
    ld      sp, {STACK}(a7)
    mv      a0, a7
    mv      s0, a7
    call    landfall_kexec_event_came
    mv      a7, s0
    .irp    number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld      x\number, \number * 8(a7)
    .endr
    li      a7, 0x535345                # SSE
    li      a6, 6                       # complete: a6 and a7 are restored by firmware
    ecall
1:  j       1b
.option pop
