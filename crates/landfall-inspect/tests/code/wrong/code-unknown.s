# expect: code-unknown
.section .text.start, "ax", @progbits
.global _start
_start:
    j       2f
    .insn   4, 0x0000000b
2:
    call    relocate
1:  j       1b
relocate:
    ret

