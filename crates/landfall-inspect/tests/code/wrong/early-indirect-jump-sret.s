# expect: early-indirect-jump
.section .text.start, "ax", @progbits
.global _start
_start:
    beqz    a0, 2f
    sret
2:
    call    relocate
1:  j       1b
relocate:
    ret

