# expect: code-gp
.section .text.start, "ax", @progbits
.global _start
_start:
    addi    a0, gp, 16
    call    relocate
1:  j       1b
relocate:
    ret

