# expect: got-entry
.section .text.start, "ax", @progbits
.global _start
_start:
    call    relocate
1:  j       1b
relocate:
    ret
.section .got, "aw", @progbits
.quad relocate
