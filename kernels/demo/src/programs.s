# The program that runs in user mode. It runs at any address. a0 selects what it does: 0 writes a
# line, 1 loads from a1, 2 stores to a1, 3 never ends.
#
# System calls (process.rs): a7 = 1 writes a1 bytes of text at a0, a7 = 2 ends with status a0.

.section .rodata.programs, "a", @progbits
.option push
.option norvc
.global demo_program, demo_program_end
demo_program:
    li      t0, 1
    beq     a0, t0, 1f
    li      t0, 2
    beq     a0, t0, 2f
    bgtu    a0, t0, 3f
    lla     a0, 5f
    li      a1, 6f - 5f
    li      a7, 1
    ecall
    li      a0, 0
    j       4f
1:  ld      a0, 0(a1)
    j       4f
2:  sd      zero, 0(a1)
    li      a0, 0
    j       4f
3:  j       3b
4:  li      a7, 2
    ecall
5:  .ascii  "Hello from user mode.\n"
6:  .balign 4
demo_program_end:
.option pop
