# expect: early-slot-read
.text
early:
    lla     t0, handler
    csrw    stvec, t0
    ret
.balign 4
handler:
    ld      a0, pointer
2:  j       2b
.data
.balign 8
pointer: .quad relocate
