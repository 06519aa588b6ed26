# expect: got-load, got-entry
.section .text.start, "ax", @progbits
.global _start
_start:
    j       2f
.option pic
    la      a0, thing
.option nopic
2:
    call    relocate
1:  j       1b
relocate:
    ret
.data
.global thing
thing: .quad 0
