# expect: code-absolute
.section .text.start, "ax", @progbits
.global _start
_start:
    lui     a0, 0x80000
    addi    a0, a0, 8
    call    relocate
1:  j       1b
relocate:
    ret

