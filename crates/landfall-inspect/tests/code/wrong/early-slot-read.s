# expect: early-slot-read
.text
early:
    ld      a0, pointer
    ret
.data
.balign 8
pointer: .quad relocate
