# expect: early-slot-read
.section .text.start, "ax", @progbits
.global _start
_start:
    ld      a0, pointer
    call    relocate
1:  j       1b
relocate:
    ret
.data
.balign 8
pointer: .quad relocate
