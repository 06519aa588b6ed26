# expect: early-slot-read
.section .text.start, "ax", @progbits
.global _start
_start:
    lla     t0, handler
    csrw    stvec, t0
    call    relocate
1:  j       1b
relocate:
    ret
.balign 4
handler:
    ld      a0, pointer
2:  j       2b
.data
.balign 8
pointer: .quad relocate
