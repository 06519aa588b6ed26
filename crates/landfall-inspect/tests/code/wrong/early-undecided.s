# expect: early-undecided, code-unknown
.section .text.start, "ax", @progbits
.global _start
_start:
    .insn   4, 0x0000000b
    call    relocate
1:  j       1b
relocate:
    ret

