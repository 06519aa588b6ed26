# The code of every process. It is copied to a page of its own, so it uses no absolute address.
#
# A call has its number in a7: 0 writes a1 characters at a0, 1 ends the process with result a0.

.section .rodata.program, "a", @progbits
.balign 16
.global program_start
.global program_end
program_start:
    mv      s0, a0                      # the hart's index

    # The sum of 1 to 1000, on the process's stack, long enough to be interrupted now and then.
    li      s1, 200
1:  li      t0, 1000
    sd      zero, -8(sp)
2:  ld      t1, -8(sp)
    add     t1, t1, t0
    sd      t1, -8(sp)
    addi    t0, t0, -1
    bnez    t0, 2b
    addi    s1, s1, -1
    bnez    s1, 1b
    ld      s2, -8(sp)

    lla     a0, program_text
    lla     a1, program_text_end
    sub     a1, a1, a0
    li      a7, 0
    ecall
    add     a0, s2, s0
    li      a7, 1
    ecall
    j       .

program_text:
    .ascii  "hello from user mode\n"
program_text_end:
program_end:
