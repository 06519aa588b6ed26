# expect: early-outside
.section .text.start, "ax", @progbits
.global _start
_start:
    call    elsewhere
    call    relocate
1:  j       1b
relocate:
    ret
.data
.balign 4
elsewhere: ret
