# The program that runs in user mode. It is copied to a page of its own, so nothing in it depends on
# its place.

.section .rodata.user_program, "a", @progbits
.option push
.option norvc
.option norelax
.option arch, +d
.balign 8
.global user_program
user_program:

.global user_call
user_call:
    ecall

.global user_fill, user_fill_call
user_fill:
    .irp    number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    li      x\number, 0x7123456789abcd00 + \number
    .endr
user_fill_call:
    ecall

.global user_load, user_store, user_jump
user_load:
    ld      a1, 0(a0)
user_store:
    sd      a1, 0(a0)
user_jump:
    jr      a0

.global user_stack, user_stack_call
user_stack:                             # a0 = a1, by way of the stack
    addi    sp, sp, -16
    sd      a1, 8(sp)
    ld      a0, 8(sp)
user_stack_call:
    ecall

.global user_floats, user_floats_call, user_kept_call
user_floats:
    .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    li      t0, \number + 1
    fcvt.d.l f\number, t0
    .endr
    li      t0, 0x21                    # a rounding mode, and a flag
    fscsr   t0
user_floats_call:
    ecall
    li      a0, 0                       # a0 = 0 if all are still there
    .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fcvt.l.d t1, f\number
    xori    t1, t1, \number + 1
    or      a0, a0, t1
    .endr
    frcsr   a1
user_kept_call:
    ecall

.global user_no_floats, user_no_floats_call
user_no_floats:                         # a0 = all bits of all floating-point registers
    fmv.x.d a0, f0
    .irp    number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fmv.x.d t0, f\number
    or      a0, a0, t0
    .endr
    frcsr   a1
user_no_floats_call:
    ecall

.global user_program_end
user_program_end:

# Enters user mode at a1 with sstatus a2 and x1 to x31 from the array at a0.
.section .text.user_enter, "ax", @progbits
.global user_enter
user_enter:
    csrw    sepc, a1
    csrw    sstatus, a2
    .irp    number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld      x\number, 8 * \number(a0)
    .endr
    ld      a0, 80(a0)
    sret
.option pop
