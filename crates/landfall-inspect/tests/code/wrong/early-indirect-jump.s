# expect: early-indirect-jump
.section .text.start, "ax", @progbits
.global _start
_start:
    jalr    a0
    call    relocate
1:  j       1b
relocate:
    ret

