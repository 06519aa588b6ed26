# expect: code-gp-set
.section .text.start, "ax", @progbits
.global _start
_start:
    lla     gp, thing
    call    relocate
1:  j       1b
relocate:
    ret
.data
thing: .quad 0
