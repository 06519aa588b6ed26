# expect: early-slot-read
.section .text.start, "ax", @progbits
.global _start
_start:
    lla     a0, pointer
    sd      a1, 0(a0)
    call    relocate
1:  j       1b
relocate:
    ret
.data
.balign 8
pointer: .quad relocate
