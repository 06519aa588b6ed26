# expect: code-absolute
.section .text.start, "ax", @progbits
.option norvc
.global _start
_start:
    lui     a0, 0x80000
    addi    a0, a0, 8
eight:
    call    relocate
1:  j       1b
relocate:
    ret
