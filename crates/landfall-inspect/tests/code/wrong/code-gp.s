# expect: code-gp
.section .text.start, "ax", @progbits
.global _start
_start:
    lw      a0, 16(gp)
    call    relocate
1:  j       1b
relocate:
    ret

