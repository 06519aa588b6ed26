# expect: code-absolute
.section .text.start, "ax", @progbits
.global _start
_start:
    lui     a0, 0x80000
    li      a1, 3
    sw      a1, 16(a0)
    call    relocate
1:  j       1b
relocate:
    ret

